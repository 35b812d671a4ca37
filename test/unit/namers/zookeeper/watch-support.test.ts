import assert from "node:assert/strict";
import { test } from "node:test";
import { WatchSupport } from "../../../../namers/zookeeper/watch-support.ts";
import { ZkError } from "../../../../namers/zookeeper/zk-error.ts";

/** Asks ten times at once; the answers come when `end` is called. */
function askTen(support: WatchSupport) {
  const asked: PromiseWithResolvers<void>[] = [];
  const answers = Array.from({ length: 10 }, () =>
    support.use(() => {
      const one = Promise.withResolvers<void>();
      asked.push(one);
      return one.promise;
    }),
  );
  return { asked, answers };
}

test("one asks for all; where the servers know such watches, the others go on at once", async () => {
  const { asked, answers } = askTen(new WatchSupport());
  assert.equal(asked.length, 1);
  asked[0]?.resolve();
  assert.equal(await answers[0], true);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(asked.length, 10);
  asked.forEach((each) => each.resolve());
  assert.deepEqual(await Promise.all(answers), Array(10).fill(true));
});

test("where they do not, nobody else asks", async () => {
  const support = new WatchSupport();
  const { asked, answers } = askTen(support);
  asked[0]?.reject(new ZkError("UNIMPLEMENTED", "addWatch"));
  assert.deepEqual(await Promise.all(answers), Array(10).fill(false));
  assert.equal(asked.length, 1);
  assert.equal(await support.use(() => assert.fail("asked again")), false);
});

test("who could not ask says so, and the next one asks", async () => {
  const { asked, answers } = askTen(new WatchSupport());
  asked[0]?.reject(new ZkError("CONNECTION_LOSS", "addWatch"));
  await assert.rejects(answers[0] ?? Promise.resolve(), /CONNECTION_LOSS/);
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(asked.length, 2);
  asked[1]?.reject(new ZkError("UNIMPLEMENTED", "addWatch"));
  assert.deepEqual(await Promise.all(answers.slice(1)), Array(9).fill(false));
});
