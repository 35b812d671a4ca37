/** Sockets that systemd opened for this process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { activation, readAddress } from "../../../src/takeover/systemd-sockets.ts";

const nothing = { servers: [] };

test("what was opened for another process is not taken", () => {
  assert.deepEqual(activation({ LISTEN_PID: "1", LISTEN_FDS: "1" }, 2, []), nothing);
  assert.deepEqual(activation({ LISTEN_FDS: "1" }, 2, []), nothing);
  assert.deepEqual(activation({}, 2, []), nothing);
});

test("a number of sockets that is none is no socket", () => {
  for (const count of ["", "0", "-1", "x", "1.5"]) {
    assert.deepEqual(activation({ LISTEN_PID: "2", LISTEN_FDS: count }, 2, []), nothing, count);
  }
});

test("a descriptor that is no listening socket is kept for whoever closes what nobody takes", () => {
  const wanted = [{ name: "0.0.0.0:1", ip: "0.0.0.0", port: 1 }];
  assert.deepEqual(activation({ LISTEN_PID: "2", LISTEN_FDS: "1" }, 2, wanted), {
    servers: [["descriptor 3", [3]]],
  });
});

test("addresses are read as the kernel writes them", () => {
  assert.deepEqual(readAddress("0100007F:1F90"), { ip: "127.0.0.1", port: 8080 });
  assert.deepEqual(readAddress("00000000:0050"), { ip: "0.0.0.0", port: 80 });
  assert.deepEqual(readAddress("00000000000000000000000001000000:1F90"), { ip: "::1", port: 8080 });
  assert.deepEqual(readAddress("00000000000000000000000000000000:1F90"), { ip: "::", port: 8080 });
  assert.deepEqual(readAddress("0000000000000000FFFF00000100007F:1F90"), { ip: "127.0.0.1", port: 8080 });
  assert.equal(readAddress("nonsense"), undefined);
});
