import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../src/cluster/endpoint.ts";
import { untried } from "../../../src/cluster/untried.ts";
import { seededRandom } from "../../../src/testing/index.ts";

const [a, b, c] = ["open", "open", "open"].map((status) => ({ status }) as Endpoint) as [Endpoint, Endpoint, Endpoint];
const busy = { status: "busy" } as Endpoint;
const random = seededRandom(1);

test("an endpoint that was not tried is taken as it is drawn", () => {
  assert.equal(
    untried([a], b, () => assert.fail("drawn again"), [a, b], random),
    b,
  );
});

test("one that was tried is drawn again, three times at most, and then the open ones are looked through", () => {
  let draws = 0;
  const draw = (): Endpoint => {
    draws++;
    return a;
  };
  assert.equal(untried([a, b], a, draw, [a, busy, b, c], random), c);
  assert.equal(draws, 3);
});

test("where all that are open were tried, the one that was drawn is", () => {
  assert.equal(
    untried([a, b], b, () => a, [a, b, busy], random),
    b,
  );
});

test("where none is open, one that refuses no connections is, rather one that was not tried", () => {
  const out = (lost: boolean): Endpoint => ({ status: "busy", lost }) as Endpoint;
  const [refusing, another, reachable, tried] = [out(true), out(true), out(false), out(false)];
  const all = [refusing, tried, another, reachable];
  for (let n = 0; n < 20; n++) {
    assert.equal(
      untried([refusing, tried], another, () => another, all, random),
      reachable,
    );
    assert.equal(
      untried([refusing, tried], refusing, () => refusing, [refusing, tried, another], random),
      tried,
    );
    assert.equal(
      untried([refusing], another, () => another, [refusing, another], random),
      another,
    );
  }
});
