import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";
import { type Answer, Connection } from "../../../../namers/zookeeper/connection.ts";
import { FrameReader } from "../../../../namers/zookeeper/frame-reader.ts";
import { JuteReader, JuteWriter } from "../../../../namers/zookeeper/jute.ts";
import { frame, Op, Xid } from "../../../../namers/zookeeper/records.ts";

const TIMEOUT_MS = 3_000;
const greeting = new JuteWriter().int(0).int(TIMEOUT_MS).long(1n).buffer(Buffer.alloc(16)).boolean(false).done();
const request = { lastZxid: 0n, timeoutMs: TIMEOUT_MS, sessionId: 0n, password: Buffer.alloc(16), readOnly: false };
const reply = (xid: number, zxid: bigint, error = 0): Buffer => new JuteWriter().int(xid).long(zxid).int(error).done();

/** A connection that has shaken hands, and the server's end of it. */
async function setup() {
  const clock = new FakeClock();
  const [near, far] = duplexPair();
  const seen = { ended: [] as Error[], zxids: [] as bigint[], notified: [] as string[], answers: [] as string[] };
  const connection = new Connection(near, clock, {
    notified: (type, path) => void seen.notified.push(`${type} ${path}`),
    sawZxid: (zxid) => void seen.zxids.push(zxid),
    ended: (cause) => void seen.ended.push(cause),
  });
  const frames = new FrameReader(1_000_000);
  const received: Buffer[] = [];
  far.on("data", (bytes: Buffer) => {
    frames.push(bytes);
    for (let next = frames.next(); next; next = frames.next()) received.push(next);
  });
  far.on("error", () => undefined);
  const say = async (record: Buffer): Promise<void> => {
    far.write(frame(record));
    await turn();
    await turn();
  };
  const handshake = connection.handshake(request);
  await say(greeting);
  await handshake;
  received.length = 0;
  const answer = (what: string): Answer => ({
    what,
    answered: (error) => void seen.answers.push(`${what} ${error}`),
    lost: () => void seen.answers.push(`${what} lost`),
  });
  return { clock, connection, far, seen, received, say, answer };
}

test("a connection pings after a third of the timeout without a request, and ends after two thirds without a byte", async () => {
  const { clock, received, seen, say, connection } = await setup();
  await clock.advanceAsync(999);
  assert.equal(received.length, 0);
  await clock.advanceAsync(1);
  assert.equal(received.length, 1);
  const ping = new JuteReader(received[0] as Buffer);
  assert.deepEqual([ping.int(), ping.int()], [Xid.ping, Op.ping]);
  await say(reply(Xid.ping, 99n));
  await clock.advanceAsync(1_999);
  assert.equal(seen.ended.length, 0);
  await clock.advanceAsync(1);
  assert.match(seen.ended[0]?.message ?? "", /nothing heard for 2000 ms/);
  assert.equal(connection.ended, true);
  assert.equal(clock.waiting, 0);
});

test("a request that is not answered ends the connection, though pings are", async () => {
  const { clock, connection, seen, say, answer } = await setup();
  connection.send(Op.exists, Buffer.alloc(0), answer("exists"));
  for (let at = 0; at < 6; at++) {
    await clock.advanceAsync(500);
    await say(reply(Xid.ping, 0n));
  }
  await clock.advanceAsync(1_000);
  assert.match(seen.ended[0]?.message ?? "", /exists not answered for \d+ ms/);
  assert.deepEqual(seen.answers, ["exists lost"]);
});

test("answers find their requests, and only they move the zxid, and only forward from 0", async () => {
  const { connection, seen, say, answer } = await setup();
  connection.send(Op.exists, Buffer.alloc(0), answer("first"));
  connection.send(Op.exists, Buffer.alloc(0), answer("second"));
  await say(reply(1, 7n));
  await say(reply(Xid.ping, 50n));
  await say(new JuteWriter().int(Xid.watch).long(-1n).int(0).int(3).int(3).string("/a").done());
  await say(reply(2, 0n, -101));
  assert.deepEqual(seen.answers, ["first 0", "second -101"]);
  assert.deepEqual(seen.zxids, [7n]);
  assert.deepEqual(seen.notified, ["3 /a"]);
  assert.equal(connection.outstanding, 0);
});

test("an answer to nothing, and a frame that is none, end the connection", async () => {
  const unasked = await setup();
  await unasked.say(reply(5, 1n));
  assert.match(unasked.seen.ended[0]?.message ?? "", /request 5, which nobody sent/);
  const large = await setup();
  large.far.write(Buffer.from([0x7f, 0, 0, 0]));
  await turn();
  await turn();
  assert.match(large.seen.ended[0]?.message ?? "", /a frame of 2130706432 bytes, where 4194304 are the limit/);
});

test("a connection ends once, whoever ends it, and settles what comes after", async () => {
  const { connection, seen, answer, clock } = await setup();
  connection.send(Op.exists, Buffer.alloc(0), answer("before"));
  connection.end(new Error("first"));
  connection.end(new Error("second"));
  connection.send(Op.exists, Buffer.alloc(0), answer("after"));
  await turn();
  assert.deepEqual(
    seen.ended.map((error) => error.message),
    ["first"],
  );
  assert.deepEqual(seen.answers, ["before lost", "after lost"]);
  assert.equal(clock.waiting, 0);
});

test("a handshake fails when the server closes instead of answering", async () => {
  const [near, far] = duplexPair();
  const connection = new Connection(near, new FakeClock(), {
    notified: () => undefined,
    sawZxid: () => undefined,
    ended: () => undefined,
  });
  const handshake = connection.handshake(request);
  far.end();
  await assert.rejects(handshake, /closed by the server/);
});

test("a byte now and then is no sign of life, but a large answer under way is", async () => {
  const { clock, connection, far, seen, answer } = await setup();
  const large = frame(new JuteWriter().int(1).long(5n).int(0).buffer(Buffer.alloc(40_000)).done());
  connection.send(Op.getData, Buffer.alloc(0), answer("large"));
  for (let at = 0; at < 5; at++) {
    await clock.advanceAsync(500);
    far.write(large.subarray(at * 6_000, (at + 1) * 6_000));
    await turn();
  }
  assert.equal(seen.ended.length, 0);
  far.write(large.subarray(30_000));
  await turn();
  await turn();
  assert.deepEqual(seen.answers, ["large 0"]);
  const trickle = frame(reply(Xid.ping, 0n));
  for (let at = 0; at < 20 && seen.ended.length === 0; at++) {
    await clock.advanceAsync(500);
    if (!connection.ended) far.write(trickle.subarray(at, at + 1));
    await turn();
  }
  assert.match(seen.ended[0]?.message ?? "", /nothing heard for 2000 ms/);
});
