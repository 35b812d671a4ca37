import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentAnswer } from "../../../../namers/consul/agent.ts";
import { ScheduledName } from "../../../../namers/consul/scheduled-name.ts";
import { Backoff } from "../../../../src/base/time.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";

const answer = (text: string): AgentAnswer => ({ text, index: undefined, isFiltered: false });

/** A name that takes texts, but not `garbage`. */
function scheduledName() {
  const clock = new FakeClock();
  const random = seededRandom(1);
  let last: string | undefined;
  const isNews = ({ text }: AgentAnswer): boolean => {
    if (text === "garbage") throw new Error("cannot be read");
    return text !== last;
  };
  const take = (given: AgentAnswer): boolean => {
    const news = isNews(given);
    last = given.text;
    return news;
  };
  const followed = {
    catalogue: undefined as never,
    ask: () => Promise.reject(new Error("is not asked")),
    take,
    isNews,
    failed: () => undefined,
    repaired: () => undefined,
  };
  return { clock, random, name: new ScheduledName(followed, 1, new Backoff(100, 30_000, random)) };
}

test("its epoch grows with each answer that says something else, and only then", () => {
  const { name } = scheduledName();
  assert.deepEqual([name.wasRead, name.epoch], [false, 0]);
  assert.equal(name.take(answer("a")), true);
  assert.equal(name.take(answer("a")), false);
  assert.deepEqual([name.wasRead, name.epoch], [true, 1]);
  assert.equal(name.take(answer("b")), true);
  assert.equal(name.epoch, 2);
});

test("an answer that cannot be read leaves it as it was", () => {
  const { name } = scheduledName();
  assert.throws(() => name.take(answer("garbage")), /cannot be read/);
  assert.deepEqual([name.wasRead, name.epoch], [false, 0]);
});

test("a watch that was left is no longer the name's, nor is one that another took the place of", () => {
  const { name } = scheduledName();
  const isFirst = name.beginWatch();
  assert.deepEqual([name.isWatched, isFirst()], [true, true]);
  name.leaveWatch();
  assert.deepEqual([name.isWatched, isFirst()], [false, false]);
  const isSecond = name.beginWatch();
  assert.deepEqual([name.isWatched, isFirst(), isSecond()], [true, false, true]);
});

test("watches that fail are tried again after a second, then ever later, a minute at most, and soon again when one went well", () => {
  const { name, random } = scheduledName();
  const waits = Array.from({ length: 40 }, () => name.watchBackoff(random));
  for (const [failures, ms] of waits.entries()) {
    const most = Math.min(60_000, 1_000 * 2 ** failures);
    assert.ok(ms >= most / 2 && ms <= most, `${ms} ms after ${failures} failures`);
  }
  name.watchedWell();
  assert.ok(name.watchBackoff(random) <= 1_000);
});

test("it waits for one thing at a time, and for nothing once it is closed", () => {
  const { name, clock } = scheduledName();
  const happened: string[] = [];
  name.wait(clock, 100, () => happened.push("first"));
  name.wait(clock, 200, () => happened.push("second"));
  assert.equal(clock.waiting, 1);
  clock.advance(200);
  assert.deepEqual(happened, ["second"]);
  name.wait(clock, 100, () => happened.push("third"));
  name.close();
  assert.deepEqual([name.isClosed, clock.waiting], [true, 0]);
  name.wait(clock, 100, () => happened.push("fourth"));
  clock.advance(1_000);
  assert.deepEqual([happened, clock.waiting], [["second"], 0]);
});
