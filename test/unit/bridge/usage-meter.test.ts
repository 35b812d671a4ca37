import assert from "node:assert/strict";
import { test } from "node:test";
import type { BoundRoutes } from "../../../src/base/bound-routes.ts";
import { UsageBook } from "../../../src/bridge/usage-book.ts";
import { UsageMeter } from "../../../src/bridge/usage-meter.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

test("each look counts what came since the last one, once for all routes that share a bound name", async () => {
  const clock = new FakeClock();
  const book = new UsageBook(clock.wall());
  const clusters = ["/#/zk/users"];
  const routers: BoundRoutes[] = [
    {
      label: "http",
      routes: [
        { name: "/svc/users", clusters, callers: [{ address: "10.0.4.7" }] },
        { name: "/svc/people", clusters },
      ],
    },
    { label: "h2", routes: [{ name: "/svc/users", clusters: [] }] },
  ];
  let requests = 7;
  using meter = new UsageMeter({ book, clock, routers: () => Promise.resolve(routers), requests: () => requests });
  await meter.look();
  requests = 9;
  await clock.advanceAsync(30_000);
  const [users] = book.used(() => true, 0);
  assert.equal(users?.requests, 9);
  assert.deepEqual(
    users?.callers.map(({ name }) => name),
    ["/svc/users", "/svc/people"],
  );
  assert.deepEqual(
    users.hosts.map(({ address }) => address),
    ["10.0.4.7"],
  );
  // A worker that began anew counts from nothing.
  requests = 3;
  await clock.advanceAsync(30_000);
  assert.equal(book.used(() => true, 0)[0]?.requests, 12);
});

test("a look that fails is followed by the next, and none after the end", async () => {
  const clock = new FakeClock();
  let looks = 0;
  const routers = (): Promise<readonly BoundRoutes[]> =>
    looks++ === 0 ? Promise.reject(new Error("busy")) : Promise.resolve([]);
  const meter = new UsageMeter({ book: new UsageBook(0), clock, routers, requests: () => 0 });
  await clock.advanceAsync(60_000);
  assert.equal(looks, 2);
  meter[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});
