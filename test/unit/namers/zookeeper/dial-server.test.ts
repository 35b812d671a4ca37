import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import type { Dialer } from "linkspan/plugin";
import { dialServer, isTlsAlert } from "../../../../namers/zookeeper/dial-server.ts";
import type { ZkTls } from "../../../../namers/zookeeper/session-state.ts";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";

const server = { host: "zk.example", port: 2181 };
const signal = new AbortController().signal;
const silent = (): Duplex => new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });

/** Answers with the addresses in another order each time. */
function world(addresses: readonly string[], dial: Dialer) {
  let asked = 0;
  const resolve = {
    addresses: async () => ({ addresses: asked++ % 2 === 0 ? addresses : [...addresses].reverse(), ttlMs: 1_000 }),
  };
  return { dial, resolve, clock: new FakeClock(), random: seededRandom(1), log: new RecordingLog() };
}

test("turn by turn every address is called, whatever the order of the name server's answers", async () => {
  const called: string[] = [];
  const dial: Dialer = {
    connect: (host) => {
      called.push(host);
      return Promise.resolve(silent());
    },
  };
  const around = world(["10.0.0.3", "10.0.0.1", "10.0.0.2"], dial);
  for (let at = 4; at < 10; at++) await dialServer({ server, turn: at }, { timeoutMs: 100 }, around, signal);
  assert.deepEqual(called.slice(0, 3), called.slice(3));
  assert.equal(new Set(called).size, 3);
});

test("a handshake of TLS that is given up, or that ends, leaves no socket open", async () => {
  const tls = async (): Promise<ZkTls> => ({ validates: true, protocols: [] });
  const socket = silent();
  const around = world(["10.0.0.1"], { connect: () => Promise.resolve(socket) });
  const owner = new AbortController();
  const dialled = dialServer({ server, turn: 0 }, { timeoutMs: 100, tls }, around, owner.signal);
  await turn();
  await turn();
  owner.abort(new Error("enough"));
  await assert.rejects(dialled, /enough/);
  assert.equal(socket.destroyed, true);
  const ending = silent();
  const closing = dialServer(
    { server, turn: 0 },
    { timeoutMs: 100, tls },
    world(["10.0.0.1"], { connect: () => Promise.resolve(ending) }),
    signal,
  );
  await turn();
  await turn();
  ending.destroy();
  await assert.rejects(closing, /^Error: TLS with zk\.example:2181: /);
});

test("an alert of TLS is told from another end of a connection", () => {
  assert.equal(isTlsAlert(Object.assign(new Error("x"), { code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" })), true);
  assert.equal(isTlsAlert(Object.assign(new Error("x"), { code: "ECONNRESET" })), false);
  assert.equal(isTlsAlert(new Error("x")), false);
});
