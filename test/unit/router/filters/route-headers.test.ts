import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../../src/http/header-list.ts";
import { Deadline } from "../../../../src/router/deadline.ts";
import { RouteHeaders } from "../../../../src/router/filters/route-headers.ts";
import { ClusterSlots } from "../../../../src/cluster/slots.ts";
import { RouterSlots } from "../../../../src/router/slots.ts";
import { Layout } from "../../../../src/http/exchange.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { plainExchange } from "../../../fakes/plain-exchange.ts";

const START = 1_700_000_000_000;

function bench(totalTimeoutMs: number | undefined, localDtab = "") {
  const layout = new Layout();
  const slots = new RouterSlots(layout, new ClusterSlots(layout));
  const clock = new FakeClock(START);
  const filter = new RouteHeaders({ slots, clock, service: "/svc/users", localDtab, totalTimeoutMs });
  filter.next = { dispatch: () => undefined };
  const ask = (callers?: Deadline): HeaderList => {
    const x = plainExchange(layout);
    const headers = new HeaderList();
    x.request.headers = headers;
    x.values[slots.deadline] = callers;
    filter.dispatch(x);
    return headers;
  };
  return { clock, ask };
}

test("the backend is told the name, and the caller's own dtab where there is one", () => {
  const plain = bench(undefined).ask();
  assert.equal(plain.get("l5d-dst-service"), "/svc/users");
  assert.equal(plain.size, 1);
  assert.equal(bench(undefined, "/a=>/b").ask().get("l5d-ctx-dtab"), "/a=>/b");
});

test("each request has the deadline of its own moment", () => {
  const { clock, ask } = bench(1_500);
  const told = (): string | undefined => ask().get("l5d-ctx-deadline");
  const first = `${START}000000 ${START + 1_500}000000`;
  assert.equal(told(), first);
  assert.equal(told(), first);
  clock.advance(1);
  assert.equal(told(), `${START + 1}000000 ${START + 1_501}000000`);
  clock.jumpWall(-1);
  assert.equal(told(), first);
});

test("the caller's deadline holds where it is the earlier one, and is told to nobody else", () => {
  const { ask } = bench(1_500);
  const told = (callers?: Deadline): string | undefined => ask(callers).get("l5d-ctx-deadline");
  assert.equal(told(Deadline.ofMs(START - 5, START + 100)), `${START}000000 ${START + 100}000000`);
  assert.equal(told(), `${START}000000 ${START + 1_500}000000`);
  assert.equal(bench(undefined).ask(Deadline.ofMs(1, 2)).get("l5d-ctx-deadline"), "1000000 2000000");
});
