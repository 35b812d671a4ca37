import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "../../../../src/cluster/balancer.ts";
import { LeastLoaded } from "../../../../src/plugins/balancers/least-loaded.ts";
import { TwoChoices } from "../../../../src/plugins/balancers/two-choices.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { candidate, type FakeCandidate, isNear } from "../../../fakes/candidates.ts";

const balancer = { newLoad: () => new LeastLoaded(), update: () => undefined, pick: () => undefined };

/** As many endpoints as loads, with so many exchanges each. */
function endpoints(...loads: readonly number[]): FakeCandidate[] {
  return loads.map((exchanges, at) => {
    const made = candidate(balancer, { host: "10.0.0.1", port: 80 + at, weight: 1 });
    for (let n = 0; n < exchanges; n++) made.load.started(0);
    return made;
  });
}

/** The place of who is picked when chance draws these numbers, and no others. */
function pickedBy(all: readonly Candidate[], ...drawn: readonly number[]): number {
  const left = [...drawn];
  const choice = new TwoChoices({
    next: () => {
      assert.ok(left.length > 0, "no more is drawn");
      return left.shift() as number;
    },
  });
  choice.update(all);
  const at = all.indexOf(choice.pick(0) as Candidate);
  assert.deepEqual(left, [], "all is drawn");
  return at;
}

test("the first is drawn from all, the second from the others: a number not below the first's counts one more", () => {
  const all = endpoints(0, 0, 0, 0);
  // Floor(0.5 * 4) = 2; floor(0.4 * 3) = 1, below 2; of equals the first.
  assert.equal(pickedBy(all, 0.5, 0.4), 2);
  for (const [second, loads, expected] of [
    [0, [0, 1, 1, 1], 0],
    [0.34, [1, 0, 1, 1], 1],
    // Floor(0.67 * 3) = 2, not below 2: the last.
    [0.67, [1, 1, 1, 0], 3],
    [0.999, [1, 1, 1, 0], 3],
  ] as const) {
    assert.equal(pickedBy(endpoints(...loads), 0.5, second), expected);
  }
});

test("less load is picked, and of equals the one drawn first", () => {
  assert.equal(pickedBy(endpoints(2, 1), 0, 0), 1);
  assert.equal(pickedBy(endpoints(1, 2), 0, 0), 0);
  assert.equal(pickedBy(endpoints(1, 1), 0, 0), 0);
  assert.equal(pickedBy(endpoints(1, 1), 0.9, 0), 1);
});

test("one that is not open is drawn again, from all but the other", () => {
  const all = endpoints(0, 0, 0, 0);
  Object.assign(all[0] ?? {}, { status: "busy" });
  // The first is 0, the second 1 + 0; the first again: floor(0.4 * 3) = 1, which counts as 2.
  assert.equal(pickedBy(all, 0, 0, 0.4), 2);
});

test("every pair of open endpoints is as likely as any other, however few are open", () => {
  for (const open of [2, 3, 5]) {
    const all = endpoints(...Array<number>(12).fill(0));
    // Who has less is picked: among n of 0, 1, 2, ... exchanges the k-th is the less of its pairs with those above.
    all.forEach((each, at) => {
      if (at >= open) each.status = "busy";
      for (let n = 0; n < at; n++) each.load.started(0);
    });
    const choice = new TwoChoices(seededRandom(open));
    choice.update(all);
    const counts = all.map(() => 0);
    for (let n = 0; n < 20_000; n++) {
      const at = all.indexOf(choice.pick(0) as FakeCandidate);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    const pairs = (open * (open - 1)) / 2;
    for (let at = 0; at < open; at++) {
      assert.ok(isNear(counts[at] ?? 0, 20_000, (open - 1 - at) / pairs), `${open} open: ${counts.join(" ")}`);
    }
  }
});

test("with none open the better status is picked, then the less load", () => {
  const all = endpoints(0, 5);
  Object.assign(all[0] ?? {}, { status: "closed" });
  Object.assign(all[1] ?? {}, { status: "busy" });
  const choice = new TwoChoices(seededRandom(1));
  choice.update(all);
  for (let n = 0; n < 20; n++) assert.equal(choice.pick(0), all[1]);
  Object.assign(all[0] ?? {}, { status: "busy" });
  for (let n = 0; n < 20; n++) assert.equal(choice.pick(0), all[0]);
});
