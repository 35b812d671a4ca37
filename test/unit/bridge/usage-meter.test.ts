import assert from "node:assert/strict";
import { test } from "node:test";
import type { BoundRoute, BoundRoutes, BoundRoutesQuery } from "../../../src/base/bound-routes.ts";
import { UsageBook } from "../../../src/bridge/usage-book.ts";
import { UsageMeter } from "../../../src/bridge/usage-meter.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

/** A router with these routes, of which some were called. */
class Thread {
  readonly routes: BoundRoute[] = [];
  called: BoundRoute[] = [];
  readonly asked: BoundRoutesQuery["bound"][] = [];
  sent = { counter: {}, count: 0 };

  readonly bound = async ({ bound }: BoundRoutesQuery): Promise<readonly BoundRoutes[]> => {
    this.asked.push(bound);
    const routes =
      "called" in bound ? this.called.splice(0, bound.called) : this.routes.slice(bound.from, bound.from + bound.count);
    return [{ label: "http", routes }];
  };
}

function metered(life?: string) {
  const clock = new FakeClock();
  const book = new UsageBook(clock.wall(), [], life);
  const thread = new Thread();
  const meter = new UsageMeter({ book, clock, bound: thread.bound, requests: () => thread.sent });
  const used = (id: string) => book.used((each) => each === id, 0)[0];
  return { clock, book, thread, meter, used };
}

const clusters = ["/#/zk/users"];

test("each look counts what came since the last one, once for all routes that share a bound name", async () => {
  const { clock, thread, meter, used } = metered();
  thread.routes.push(
    { name: "/svc/users", clusters },
    { name: "/svc/people", clusters },
    { name: "/svc/x", clusters: [] },
  );
  thread.called.push({ name: "/svc/users", clusters, callers: [{ address: "10.0.4.7" }], left: 2 });
  thread.sent.count = 7;
  await meter.look();
  thread.sent.count = 9;
  await clock.advanceAsync(30_000);
  const users = used("/#/zk/users");
  assert.equal(users?.requests, 9);
  assert.deepEqual(
    users.callers.map(({ name }) => name),
    ["/svc/users", "/svc/people"],
  );
  assert.deepEqual([users.hosts.map(({ address }) => address), users.otherHosts], [["10.0.4.7"], 2]);
  // Another counter counts from nothing.
  thread.sent = { counter: {}, count: 3 };
  await clock.advanceAsync(30_000);
  assert.equal(used("/#/zk/users")?.requests, 12);
  meter[Symbol.dispose]();
});

test("of thousands of routes those that were called are noted each half minute, and of the others one page after the other", async () => {
  const { clock, book, thread, meter, used } = metered();
  for (let n = 0; n < 1_200; n++) thread.routes.push({ name: `/svc/${n}`, clusters: [`/#/zk/${n}`] });
  thread.called.push(...thread.routes.slice(1_100));
  await clock.advanceAsync(30_000);
  assert.deepEqual(thread.asked, [{ called: 500 }, { from: 0, count: 500 }]);
  assert.equal(book.used(() => true, 0).length, 600);
  const bound = used("/#/zk/1100")?.boundAt ?? 0;
  await clock.advanceAsync(30_000);
  assert.deepEqual([used("/#/zk/1100")?.boundAt, used("/#/zk/700")?.boundAt], [bound, bound + 30_000]);
  await clock.advanceAsync(60_000);
  assert.deepEqual(
    thread.asked.flatMap((each) => ("from" in each ? each.from : [])),
    [0, 500, 1_000, 0],
  );
  const [router] = await meter.look();
  assert.equal(router?.routes.length, 1_200);
  meter[Symbol.dispose]();
});

test("what one look is told of, another that is wanted meanwhile does not miss", async () => {
  const { clock, thread, meter, used } = metered();
  thread.routes.push({ name: "/svc/users", clusters });
  thread.sent.count = 5;
  const all = [meter.look(), meter.look()];
  thread.sent.count = 6;
  await Promise.all(all);
  assert.equal(used("/#/zk/users")?.requests, 6);
  meter[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});

test("a look that fails is followed by the next, and none after the end", async () => {
  const clock = new FakeClock();
  let looks = 0;
  const bound = (): Promise<readonly BoundRoutes[]> =>
    looks++ === 0 ? Promise.reject(new Error("busy")) : Promise.resolve([]);
  const meter = new UsageMeter({ book: new UsageBook(0), clock, bound, requests: () => undefined });
  await clock.advanceAsync(60_000);
  // Of the second those that were called, and a page.
  assert.equal(looks, 3);
  meter[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});

test("who goes on in the same process counts nothing once more, and who begins another counts all", async () => {
  const { clock, book, thread, meter, used } = metered("this");
  thread.routes.push({ name: "/svc/users", clusters });
  thread.sent.count = 7;
  await meter.look();
  const lines = [...book.lines((router, id) => meter.noted(router, id))];
  meter[Symbol.dispose]();
  assert.equal(used("/#/zk/users")?.requests, 7);
  const after = async (life: string, counts: readonly number[]): Promise<number | undefined> => {
    const next = new UsageBook(clock.wall(), lines, life);
    const counter = { counter: {}, count: 0 };
    const later = new UsageMeter({ book: next, clock, bound: thread.bound, requests: () => counter });
    for (const count of counts) {
      counter.count = count;
      await later.look();
    }
    later[Symbol.dispose]();
    return next.used(() => true, 0)[0]?.requests;
  };
  assert.equal(await after("this", [9, 10]), 10);
  assert.equal(await after("this", [7]), 7);
  assert.equal(await after("this", [2, 3]), 10, "what counts less has begun anew");
  assert.equal(await after("another", [2]), 9);
  assert.equal(await after("another", [9]), 16);
});
