import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../../../src/base/failure.ts";
import { Dial } from "../../../src/cluster/dial.ts";
import type { Connection, ConnectionOwner, Transport } from "../../../src/http/transport.ts";
import { FakeClock, turn } from "../../../src/testing/index.ts";

const address = { host: "10.0.0.1", port: 80, weight: 1 };
const owner: ConnectionOwner = { freed: () => undefined, closed: () => undefined };

/** A transport that looks at no signal. */
function deaf() {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const transport: Transport = { protocol: "http/1.1", connect: () => promise };
  let closed = 0;
  const connection: Connection = {
    status: "open",
    free: 1,
    send: () => undefined,
    [Symbol.asyncDispose]: async () => void closed++,
  };
  return { transport, accept: () => resolve(connection), refuse: reject, closed: () => closed };
}

function dial(transport: Transport) {
  const clock = new FakeClock();
  const heard: (string | Failure)[] = [];
  const end = { dialled: () => void heard.push("dialled"), failed: (_: Dial, why: Failure) => void heard.push(why) };
  return { clock, heard, dial: new Dial({ transport, clock, timeoutMs: 100 }, address, owner, end) };
}

test("a connection that comes after the time is closed, and nobody hears of it", async () => {
  const fake = deaf();
  const { clock, heard } = dial(fake.transport);
  clock.advance(100);
  fake.accept();
  await turn();
  assert.deepEqual(
    heard.map((each) => (typeof each === "string" ? each : each.code)),
    ["connect.timeout"],
  );
  assert.equal(fake.closed(), 1);
  assert.equal(clock.waiting, 0);
});

test("a dial that was cancelled is silent, and closes what still comes", async () => {
  const fake = deaf();
  const { clock, heard, dial: cancelled } = dial(fake.transport);
  cancelled.cancel();
  fake.accept();
  await turn();
  assert.deepEqual(heard, []);
  assert.equal(fake.closed(), 1);
  assert.equal(clock.waiting, 0);
});

test("the system's own timeout is connect.timeout, anything else connect.failed", async () => {
  for (const [code, expected] of [
    ["ETIMEDOUT", "connect.timeout"],
    ["ECONNREFUSED", "connect.failed"],
    ["EHOSTUNREACH", "connect.failed"],
  ]) {
    const fake = deaf();
    const { heard } = dial(fake.transport);
    fake.refuse(Object.assign(new Error("no"), { code }));
    await turn();
    assert.deepEqual(
      heard.map((each) => (typeof each === "string" ? each : each.code)),
      [expected],
    );
  }
});
