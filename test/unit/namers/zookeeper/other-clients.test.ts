import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesBySession, watchesBySession } from "../../../../namers/zookeeper/other-clients.ts";

const WCHP = [
  "/services/users",
  "\t0x1000a6f0c1b0001",
  "\t0x2",
  "/services",
  "\t0x0000000000000002",
  "/services-old/users",
  "\t0x3",
  "",
].join("\n");

const CONS = [
  " /10.0.4.7:51234[1](queued=0,recved=12,sent=12,sid=0x1000a6f0c1b0001,lop=PING,est=1700000000000,to=30000)",
  " /[0:0:0:0:0:0:0:1]:4711[1](queued=0,recved=1,sent=1,sid=0x2,lop=GETC)",
  " /127.0.0.1:5[0](queued=0,recved=1,sent=0)",
  "",
].join("\n");

test("watches are those at the place and below it, by session, however many zeros a server writes", () => {
  const watches = watchesBySession(WCHP, "/services");
  assert.deepEqual(
    [...watches].map(([session, { count, example }]) => [session, count, example]),
    [
      ["1000a6f0c1b0001", 1, "/services/users"],
      ["2", 2, "/services/users"],
    ],
  );
  assert.equal(watchesBySession(WCHP, "").size, 3);
});

test("a session is where its connection comes from; a connection without one is nobody's", () => {
  assert.deepEqual(
    [...addressesBySession(CONS)],
    [
      ["1000a6f0c1b0001", "10.0.4.7:51234"],
      ["2", "[0:0:0:0:0:0:0:1]:4711"],
    ],
  );
});
