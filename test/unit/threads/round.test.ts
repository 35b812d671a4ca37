import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromMain, Listening } from "../../../src/threads/protocol.ts";
import { Round } from "../../../src/threads/round.ts";
import type { Thread } from "../../../src/threads/thread.ts";
import { FakeClock, turn } from "../../../src/testing/index.ts";

const REVISION = 7;
const listening: readonly Listening[] = [{ router: "http", host: "127.0.0.1", port: 4140, fds: [] }];

function scene(workers = 2) {
  const told: string[] = [];
  const clock = new FakeClock();
  const members = Array.from({ length: workers }, (_, at) => {
    const tell = (message: FromMain): void => void told.push(`${at} ${message.type}`);
    const thread = { ready: Promise.resolve([]), tell } as unknown as Thread;
    return { at, name: `worker ${at}`, thread };
  });
  const step = (at: number, servers: readonly Listening[] | undefined) => {
    const listen = servers === undefined ? [] : [[servers.map(({ host, port }) => ({ host, port, reusePort: true }))]];
    told.push(`${at} is asked with ${servers?.[0]?.port ?? "nothing"}`);
    return { revision: REVISION, keys: {}, logLevel: "info", source: undefined, listen } as const;
  };
  const round = new Round({ revision: REVISION, step }, members, clock);
  const prepared = (at: number): boolean =>
    round.hear(at, { type: "prepared", revision: REVISION, servers: listening });
  return { told, clock, round, prepared };
}

test("the first worker prepares, then the others where it listens, and all are told to commit", async () => {
  const { told, round, prepared } = scene();
  const all = round.prepare();
  await turn();
  assert.deepEqual(told.splice(0), ["0 is asked with nothing", "0 prepare"]);
  prepared(0);
  await turn();
  assert.deepEqual(told.splice(0), ["1 is asked with 4140", "1 prepare"]);
  prepared(1);
  assert.deepEqual(await all, [listening, listening]);
  round.commit();
  assert.deepEqual(told, ["0 commit", "1 commit"]);
});

test("one that cannot has all who were asked undo it", async () => {
  const { told, round, prepared } = scene();
  const all = assert.rejects(round.prepare(), /is in use/);
  await turn();
  prepared(0);
  await turn();
  round.hear(1, { type: "unprepared", revision: REVISION, error: { name: "Error", message: "4141 is in use" } });
  await all;
  assert.deepEqual(told.slice(-2), ["0 cancel", "1 cancel"]);
});

test("one that ends meanwhile, or takes too long, ends the round", async () => {
  const lost = scene(1);
  const ended = assert.rejects(lost.round.prepare(), /worker 0 has ended meanwhile/);
  await turn();
  lost.round.lost({ at: 0, name: "worker 0" });
  await ended;
  const slow = scene(1);
  const late = assert.rejects(slow.round.prepare(), /worker 0 was not ready within 10 s/);
  await turn();
  slow.clock.advance(10_000);
  await late;
});

test("what was replaced is used no more when every worker has said so, or has ended", async () => {
  const { round } = scene();
  let isRetired = false;
  void round.retired.then(() => (isRetired = true));
  assert.equal(round.hear(0, { type: "retired", revision: REVISION - 1 }), false);
  round.hear(0, { type: "retired", revision: REVISION });
  await turn();
  assert.equal(isRetired, false);
  round.lost({ at: 1, name: "worker 1" });
  await turn();
  assert.equal(isRetired, true);
});
