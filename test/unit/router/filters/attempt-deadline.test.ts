import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterSlots } from "../../../../src/cluster/slots.ts";
import { type Exchange, Layout, type Responder } from "../../../../src/http/exchange.ts";
import { link } from "../../../../src/http/filter.ts";
import { Deadline } from "../../../../src/router/deadline.ts";
import { AttemptDeadline } from "../../../../src/router/filters/attempt-deadline.ts";
import { FakeClock } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

const nobody: Responder = { respond: () => undefined, finish: () => undefined };

function attempts() {
  const layout = new Layout();
  const slots = new ClusterSlots(layout);
  const clock = new FakeClock();
  const tier = link([new AttemptDeadline(slots, clock, 100)], nobody, { dispatch: () => undefined });
  const told = (x: Exchange): number => {
    tier.first.dispatch(x);
    assert.equal(x.request.headers.find("l5d-ctx-deadline", x.request.headers.find("l5d-ctx-deadline") + 1), -1);
    return (Deadline.read(x.request.headers.get("l5d-ctx-deadline") ?? "")?.atMs ?? 0) - Math.floor(clock.wall());
  };
  return { layout, clock, told };
}

test("each attempt gets its own time, and a later one is not measured by an earlier one", () => {
  const { layout, clock, told } = attempts();
  const x = exchangeOf(layout, []);
  assert.equal(told(x), 100);
  clock.advance(80);
  assert.equal(told(x), 100);
});

test("the deadline of the whole request goes first where it is nearer", () => {
  const { layout, clock, told } = attempts();
  const at = Math.floor(clock.wall()) + 130;
  const x = exchangeOf(layout, [["l5d-ctx-deadline", Deadline.ofMs(at - 200, at).show]]);
  assert.equal(told(x), 100);
  clock.advance(80);
  assert.equal(told(x), 50);
});
