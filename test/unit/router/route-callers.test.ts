import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallerConnection, type Exchange, Layout } from "../../../src/http/exchange.ts";
import { RouteCallers } from "../../../src/router/route-callers.ts";
import { plainExchange } from "../../fakes/plain-exchange.ts";

const layout = new Layout();

function exchange(address: string, caller?: CallerConnection, certificate?: string): Exchange {
  const x = plainExchange(layout);
  x.remoteAddress = address;
  x.caller = caller;
  x.proof = certificate === undefined ? undefined : { id: certificate, forwarded: "" };
  return x;
}

test("a caller is an address and what its certificate shows, however many connections and exchanges it has", () => {
  const callers = new RouteCallers();
  const [one, other]: CallerConnection[] = [{}, {}];
  for (let n = 0; n < 3; n++) {
    callers.note(exchange("10.0.4.7", one));
    callers.note(exchange("10.0.4.7", other, "spiffe://shop/users"));
    callers.note(exchange("10.0.4.7"));
    callers.note(exchange(""));
  }
  assert.deepEqual(callers.take(), {
    callers: [{ address: "10.0.4.7" }, { address: "10.0.4.7", certificate: "spiffe://shop/users" }],
    left: 0,
  });
});

test("a connection is noted again once somebody has asked, on each route that it calls", () => {
  const [one, other] = [new RouteCallers(), new RouteCallers()];
  const x = exchange("10.0.4.7", {});
  const seen = (callers: RouteCallers): number => callers.take().callers.length;
  one.note(x);
  other.note(x);
  one.note(x);
  assert.deepEqual([seen(one), seen(one), seen(other)], [1, 0, 1]);
  one.note(x);
  assert.equal(seen(one), 1);
});

test("callers that have no room are counted", () => {
  const callers = new RouteCallers();
  for (let n = 0; n < 60; n++) callers.note(exchange(`10.0.4.${n}`, {}));
  const { callers: kept, left } = callers.take();
  assert.deepEqual([kept.length, left, callers.take().left], [50, 10, 0]);
});

test("the first to call since somebody asked is told from those after it, whether or not its address is known", () => {
  const callers = new RouteCallers();
  const [one, other] = [exchange("10.0.4.7", {}), exchange("", {})];
  assert.deepEqual([callers.note(one), callers.note(one), callers.note(other)], [true, false, false]);
  callers.take();
  assert.deepEqual([callers.note(other), callers.note(one)], [true, false]);
});
