import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";
import { Connection } from "../../../../namers/zookeeper/connection.ts";
import { Pipeline } from "../../../../namers/zookeeper/pipeline.ts";
import { Op } from "../../../../namers/zookeeper/records.ts";
import { isZkError, ZkError } from "../../../../namers/zookeeper/zk-error.ts";

const call = { what: "exists /a", write: () => undefined, read: () => "read" };

function setup() {
  const clock = new FakeClock();
  const [near, far] = duplexPair();
  far.on("error", () => undefined);
  far.resume();
  const pipeline = new Pipeline(clock, 1_000, () => new Error("because"));
  const events = { notified: () => undefined, sawZxid: () => undefined, ended: () => pipeline.detach() };
  const connection = new Connection(near, clock, events);
  return { clock, pipeline, connection };
}

test("no more than the window is on its way at once", () => {
  const { pipeline, connection } = setup();
  pipeline.attach(connection);
  for (let at = 0; at < 1_200; at++) pipeline.call(Op.exists, call).catch(() => undefined);
  assert.equal(connection.outstanding, 1_000);
});

test("what waits for a connection says in the end why there is none", async () => {
  const { clock, pipeline } = setup();
  const end = assert.rejects(pipeline.call(Op.exists, call), (error) => {
    assert.ok(isZkError(error, "CONNECTION_LOSS"));
    assert.match(error.message, /exists \/a: no connection: because/);
    return true;
  });
  clock.advance(1_000);
  await end;
});

test("an operation that cannot be written is rejected, and nothing is sent", async () => {
  const { pipeline, connection } = setup();
  pipeline.attach(connection);
  const write = (): never => {
    throw new ZkError("BAD_ARGUMENTS", "no");
  };
  await assert.rejects(pipeline.call(Op.create, { ...call, write }), (error) => isZkError(error, "BAD_ARGUMENTS"));
  assert.equal(connection.outstanding, 0);
});

test("a pipeline that closes asks the server to end the session, and waits for that only so long", async () => {
  const { clock, pipeline, connection } = setup();
  pipeline.attach(connection);
  const pending = assert.rejects(pipeline.call(Op.exists, call), (error) => isZkError(error, "CLOSED"));
  const closing = pipeline.close(new ZkError("CLOSED", "over"), 500);
  await turn();
  assert.equal(connection.ended, false);
  clock.advance(500);
  await closing;
  await pending;
  assert.equal(connection.ended, true);
  assert.equal(clock.waiting, 0);
  await assert.rejects(pipeline.call(Op.exists, call), (error) => isZkError(error, "CLOSED"));
});
