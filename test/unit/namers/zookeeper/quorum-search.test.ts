import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import type { Dialer } from "linkspan/plugin";
import { findQuorum } from "../../../../namers/zookeeper/quorum-search.ts";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";
import { systemResolver } from "../../../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";

const servers = [
  { host: "127.0.0.1", port: 1 },
  { host: "127.0.0.1", port: 2 },
];

/** Servers that answer as `says`; "" never answers, `undefined` refuses the connection. */
function setup(says: (port: number) => string | undefined) {
  const asked: { port: number; at: number }[] = [];
  const clock = new FakeClock();
  const dial: Dialer = {
    connect(_host, port) {
      asked.push({ port, at: clock.now() });
      const answer = says(port);
      if (answer === undefined) return Promise.reject(new Error("ECONNREFUSED"));
      const [near, far] = duplexPair();
      far.on("data", () => answer !== "" && far.end(answer));
      far.on("end", () => far.end());
      far.on("error", () => undefined);
      return Promise.resolve(near);
    },
  };
  const world = { dial, resolve: systemResolver, clock, random: seededRandom(1), log: new RecordingLog() };
  const owner = new AbortController();
  return { asked, clock, owner, found: findQuorum(servers, undefined, world, owner.signal) };
}

async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    await clock.advanceAsync(50);
    for (let n = 0; n < 5; n++) await turn();
  }
}

test("the server that says that it has a quorum is found, past those that refuse or say something else", async () => {
  let quorum = "ro";
  const { asked, clock, found } = setup((port) => (port === 1 ? undefined : quorum));
  await pass(clock, 1_000);
  assert.ok(asked.length >= 4);
  quorum = "rw";
  await pass(clock, 2_000);
  assert.deepEqual((await found)?.server, servers[1]);
  assert.equal(clock.waiting, 0);
});

test("rounds are further and further apart, to five seconds at most, and a silent server holds none up for long", async () => {
  const { asked, clock, owner, found } = setup((port) => (port === 1 ? "" : "isro is not in the whitelist"));
  await pass(clock, 60_000);
  const times = asked.filter((each) => each.port === 1).map((each) => each.at);
  const gaps = times.slice(1).map((at, n) => at - (times[n] ?? 0));
  assert.ok(
    gaps.every((gap) => gap <= 6_100),
    gaps.join(),
  );
  assert.ok((gaps.at(-1) ?? 0) >= 3_000);
  owner.abort(new Error("enough"));
  assert.equal(await found, undefined);
  assert.equal(clock.waiting, 0);
});
