import assert from "node:assert/strict";
import { test } from "node:test";
import { readWeightVector, weightIn } from "../../../../namers/zookeeper/serverset-vector.ts";

const endpoint = { host: "10.1.2.3", port: 80, node: "member_0000000001", shard: 3 };
const vector = (...descriptors: readonly unknown[]) =>
  readWeightVector(Buffer.from(JSON.stringify({ vector: descriptors })));

const weights: readonly (readonly [string, readonly unknown[], number | undefined])[] = [
  ["nothing that matches", [{ select: "shard=4", weight: 0.5, priority: 1 }], 1],
  ["its shard", [{ select: "shard=3", weight: 0.5, priority: 1 }], 0.5],
  ["its node", [{ select: "member=member_0000000001", weight: 0.25 }], 0.25],
  ["where it is", [{ select: "inet=10.1.2.3:80", weight: 1.5 }], 1.5],
  ["a whole number, which Finagle ignored", [{ select: "shard=3", weight: 2 }], 2],
  [
    "several that match, multiplied",
    [
      { select: "shard=3", weight: 1.4 },
      { select: "inet=10.1.2.3:80", weight: 2.0 },
    ],
    2.8,
  ],
  ["no weight", [{ select: "shard=3" }], 1],
  [
    "the weight that takes it out",
    [
      { select: "shard=3", weight: 2 },
      { select: "shard=3", weight: -1.0 },
    ],
    undefined,
  ],
  ["nothing at all of it", [{ select: "shard=3", weight: 0 }], 0],
  [
    "what cannot be understood",
    [{ select: "zone=a", weight: 3 }, { weight: 3 }, 1, null, { select: "shard=x", weight: 3 }],
    1,
  ],
  [
    "a weight that is none",
    [
      { select: "shard=3", weight: "3" },
      { select: "shard=3", weight: -2 },
    ],
    1,
  ],
];
for (const [what, descriptors, wanted] of weights) {
  test(`a vector with ${what} gives the weight ${String(wanted)}`, () => {
    assert.equal(vector(...descriptors).weightOf(endpoint), wanted);
  });
}

test("what several vectors say is multiplied, and one is enough to take an endpoint out", () => {
  const first = vector({ select: "shard=3", weight: 1.4 });
  const second = vector({ select: "shard=3", weight: 2.0 });
  assert.equal(weightIn([], endpoint), 1);
  assert.equal(weightIn([first, second], endpoint), 2.8);
  assert.equal(weightIn([first, vector({ select: "shard=3", weight: -1 })], endpoint), undefined);
});

test("an IPv6 address is matched with brackets and without", () => {
  const six = { ...endpoint, host: "fd00::1" };
  assert.equal(vector({ select: "inet=[fd00::1]:80", weight: 2 }).weightOf(six), 2);
  assert.equal(vector({ select: "inet=fd00::1:80", weight: 2 }).weightOf(six), 2);
});

test("what has no vector in it is none", () => {
  for (const text of ["", "{}", "[]", '{"vector":{}}', "{"]) {
    assert.throws(() => readWeightVector(Buffer.from(text)), Error);
  }
});
