import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allBoundRoutes,
  type BoundRoutes,
  type BoundRoutesQuery,
  calledRoutes,
  someBoundRoutes,
} from "../../../src/base/bound-routes.ts";

/** Of a thread with so many routes. */
function pages(routes: BoundRoutes["routes"]): (query: BoundRoutesQuery) => BoundRoutes {
  return ({ bound }) => {
    assert.ok("from" in bound);
    return { label: "http", routes: routes.slice(bound.from, bound.from + bound.count) };
  };
}

test("all routes of all threads come page by page, those of one name as one", async () => {
  const one = pages(Array.from({ length: 1_234 }, (_, n) => ({ name: `/svc/${n}`, clusters: [`/#/a/${n}`] })));
  const other = pages([{ name: "/svc/7", clusters: ["/#/a/7", "/#/b/7"] }]);
  const asked: number[] = [];
  const [http, ...more] = await allBoundRoutes(async (query) => {
    if ("from" in query.bound) asked.push(query.bound.from);
    return [one(query), other(query)];
  });
  assert.deepEqual(more, []);
  assert.deepEqual(asked, [0, 500, 1_000]);
  assert.equal(http?.routes.length, 1_234);
  assert.deepEqual(
    http.routes.find(({ name }) => name === "/svc/7"),
    { name: "/svc/7", clusters: ["/#/a/7", "/#/b/7"] },
  );
});

test("one page is told by each thread, with where the next one begins while any of them has more", async () => {
  const [one, other] = [1_234, 600].map((count) =>
    pages(Array.from({ length: count }, (_, n) => ({ name: `/svc/${n}`, clusters: [] }))),
  );
  const ask = async (query: BoundRoutesQuery): Promise<readonly BoundRoutes[]> =>
    [one, other].flatMap((each) => each?.(query) ?? []);
  const { page, next } = await someBoundRoutes(ask, 500);
  assert.deepEqual([page.map(({ routes }) => routes.length), next], [[500, 100], 1_000]);
  assert.equal((await someBoundRoutes(ask, 1_000)).next, undefined);
});

test("called routes are told page by page until no thread has a whole one, and not for ever", async () => {
  const route = { name: "/svc/a", clusters: ["/#/a/a"], callers: [{ address: "10.0.4.7" }] };
  const left = [1_100, 3];
  const heard: number[][] = [];
  await calledRoutes(
    async ({ bound }) =>
      left.map((count, thread) => {
        const told = Math.min(count, "called" in bound ? bound.called : 0);
        left[thread] = count - told;
        return { label: "http", routes: Array.from({ length: told }, () => route) };
      }),
    (page) => heard.push(page.map(({ routes }) => routes.length)),
  );
  assert.deepEqual(heard, [
    [500, 3],
    [500, 0],
    [100, 0],
  ]);
  let asked = 0;
  await calledRoutes(
    async () => [{ label: "http", routes: Array.from({ length: 500 }, () => route) }],
    () => asked++,
  );
  assert.equal(asked, 200);
});

test("no thread, no routes", async () => {
  assert.deepEqual(await allBoundRoutes(async () => []), []);
});
