import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { WaitLine } from "../../../src/cluster/wait-line.ts";
import { Layout } from "../../../src/http/exchange.ts";
import { FakeClock } from "../../../src/testing/index.ts";
import { Hearer, plainExchange } from "../../fakes/plain-exchange.ts";

function waitLine(capacity = 10) {
  const clock = new FakeClock();
  const hearer = new Hearer();
  const layout = new Layout();
  const line = new WaitLine({ clock, capacity, waitMs: 100, late: failures["name.timeout"] }, hearer);
  return { clock, hearer, line, x: () => plainExchange(layout) };
}

test("first in, first out", () => {
  const { line, x } = waitLine();
  const [a, b] = [x(), x()];
  line.park(a);
  line.park(b);
  assert.equal(line.take(), a);
  assert.equal(a.holder, undefined);
  assert.equal(line.take(), b);
  assert.equal(line.take(), undefined);
});

test("each waits as long as the others, from its own arrival", () => {
  const { clock, hearer, line, x } = waitLine();
  const [a, b] = [x(), x()];
  line.park(a);
  clock.advance(60);
  line.park(b);
  clock.advance(40);
  assert.deepEqual(hearer.of(a), ["name.timeout", "end"]);
  assert.deepEqual(hearer.of(b), []);
  clock.advance(60);
  assert.deepEqual(hearer.of(b), ["name.timeout", "end"]);
  assert.equal(clock.waiting, 0);
});

test("who left the line is not failed by it any more", () => {
  const { clock, hearer, line, x } = waitLine();
  const a = x();
  line.park(a);
  a.abandon();
  line.cancel(a, failures["total.timeout"]);
  line.abandon(a);
  clock.advance(1000);
  assert.deepEqual(hearer.of(a), ["end"]);
  assert.equal(clock.waiting, 0);
});

test("who comes back while everybody is failed waits anew", () => {
  const { hearer, line, x } = waitLine();
  const a = x();
  const again = hearer.finish.bind(hearer);
  hearer.finish = (each) => {
    again(each);
    line.park(each);
  };
  line.park(a);
  line.failAll(failures["connect.failed"]);
  assert.deepEqual(hearer.of(a), ["connect.failed", "end"]);
  assert.equal(line.size, 1);
});

test("a full line takes nobody", () => {
  const { line, x } = waitLine(1);
  assert.equal(line.park(x()), true);
  assert.equal(line.park(x()), false);
});
