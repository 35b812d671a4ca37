import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { note } from "../../../src/http/decisions.ts";
import { ClusterSlots } from "../../../src/cluster/slots.ts";
import { type Exchange, Layout } from "../../../src/http/exchange.ts";
import { idOf, RecentRequests } from "../../../src/router/recent-requests.ts";
import { RouterSlots, Verdict } from "../../../src/router/slots.ts";
import { FakeClock } from "../../../src/testing/index.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";

function kept() {
  const layout = new Layout();
  const slots = new RouterSlots(layout, new ClusterSlots(layout));
  const clock = new FakeClock();
  const recent = new RecentRequests(clock, slots);
  const ended = (low: number, change: (x: Exchange) => void = () => undefined): void => {
    const x = exchangeOf(layout, []);
    x.startedAt = clock.now();
    x.response.status = 200;
    x.numbers[slots.traceHigh] = 0xdeadbeef;
    x.numbers[slots.traceLow] = low;
    x.numbers[slots.answered] = 1;
    x.numbers[slots.verdict] = Verdict.success;
    x.values[slots.service] = "/svc/users";
    change(x);
    clock.advance(5);
    recent.add(x, { router: "http", server: "127.0.0.1/4140" });
  };
  const view = (id?: string, limit = 10) => recent.view({ why: { limit, ...(id === undefined ? {} : { id }) } });
  return { slots, clock, ended, view, recent };
}

test("a request is found by the id of its trace, with what it met", () => {
  const { slots, clock, ended, view } = kept();
  const at = clock.wall();
  ended(7, (x) => {
    const endpoint = { address: { host: "10.0.0.1", port: 80, weight: 1 }, cluster: { id: "/#/fs/users" } };
    x.values[slots.endpoint] = endpoint;
    x.numbers[slots.retries] = 1;
    note(x, slots.decisions, {
      at: clock.now() + 2,
      kind: "again",
      by: "retry",
      because: "503",
      endpoint: "10.0.0.2:80",
    });
  });
  ended(8);
  const [found, ...others] = view(idOf(0xdeadbeef, 7));
  assert.deepEqual(others, []);
  assert.deepEqual(found, {
    id: "deadbeef00000007",
    router: "http",
    server: "127.0.0.1/4140",
    at,
    method: "GET",
    name: "/svc/users",
    status: 200,
    class: "success",
    tookMs: 5,
    endpoint: "10.0.0.1:80",
    cluster: "/#/fs/users",
    retries: 1,
    requeues: 0,
    decisions: [{ at: 2, kind: "again", by: "retry", because: "503", endpoint: "10.0.0.2:80" }],
  });
});

test("without an id the last ones are told that did not go as they should, the newest first", () => {
  const { slots, ended, view } = kept();
  ended(1);
  ended(2, (x) => (x.failure = failures["connect.failed"]));
  ended(3, (x) => (x.numbers[slots.verdict] = Verdict.failure));
  ended(4, (x) => {
    x.failure = failures["downstream.gone"];
    x.numbers[slots.verdict] = Verdict.ignored;
  });
  const seen = view().map(({ id, status, code, class: of }) => [id.slice(-1), status, code, of]);
  assert.deepEqual(seen, [
    ["4", 0, "downstream.gone", "interrupted"],
    ["3", 200, undefined, "failure"],
    ["2", 200, "connect.failed", "success"],
  ]);
  assert.equal(view(undefined, 1).length, 1);
});

test("of a share of the traces the last requests are told, whatever their end and whoever sent them", () => {
  const { ended, view, recent } = kept();
  const well = (low: number): void => ended(low, (x) => (x.remoteAddress = "10.0.0.9"));
  well(1);
  ended(2 ** 31, (x) => (x.failure = failures["connect.failed"]));
  well(3);
  const shared = (share: number) =>
    recent.view({ why: { share, limit: 10 } }).map(({ id, caller }) => [id.slice(-1), caller]);
  assert.deepEqual(shared(0.5), [
    ["3", "10.0.0.9"],
    ["1", "10.0.0.9"],
  ]);
  assert.equal(shared(1).length, 3);
  assert.deepEqual(shared(0), []);
  assert.equal(view().length, 1);
});

test("the oldest are written over, and those in trouble are kept longer than the others", () => {
  const { ended, view } = kept();
  ended(1);
  ended(2, (x) => (x.failure = failures["connect.failed"]));
  for (let n = 0; n < 4096; n++) ended(100);
  assert.deepEqual(view(idOf(0xdeadbeef, 1)), []);
  assert.equal(view(idOf(0xdeadbeef, 2)).length, 1);
  assert.equal(view(idOf(0xdeadbeef, 100), 3).length, 3);
});
