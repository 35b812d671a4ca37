import assert from "node:assert/strict";
import { test } from "node:test";
import { allBoundRoutes, type BoundRoutes, type BoundRoutesQuery } from "../../../src/base/bound-routes.ts";

/** Of a thread with so many routes. */
function pages(routes: BoundRoutes["routes"]): (query: BoundRoutesQuery) => BoundRoutes {
  return ({ bound: { from, count } }) => ({ label: "http", routes: routes.slice(from, from + count) });
}

test("all routes of all threads come page by page, those of one name as one", async () => {
  const one = pages(Array.from({ length: 1_234 }, (_, n) => ({ name: `/svc/${n}`, clusters: [`/#/a/${n}`] })));
  const other = pages([{ name: "/svc/7", clusters: ["/#/a/7", "/#/b/7"] }]);
  const asked: number[] = [];
  const [http, ...more] = await allBoundRoutes(async (query) => {
    asked.push(query.bound.from);
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

test("callers are asked for where they are wanted, and those that threads have seen are told once", async () => {
  const [shop, web] = [{ address: "10.0.4.7", certificate: "spiffe://shop" }, { address: "10.0.4.8" }];
  const route = { name: "/svc/a", clusters: ["/#/a/a"] };
  const asked: unknown[] = [];
  const ask = async ({ bound }: BoundRoutesQuery): Promise<readonly BoundRoutes[]> => {
    asked.push(bound.callers);
    return [
      { label: "http", routes: [{ ...route, callers: [shop], left: 1 }] },
      { label: "http", routes: [{ ...route, callers: [shop, web] }] },
    ];
  };
  const [http] = await allBoundRoutes(ask, { callers: true });
  assert.deepEqual(http?.routes, [{ ...route, callers: [shop, web], left: 1 }]);
  assert.deepEqual(asked, [true]);
});

test("no thread, no routes", async () => {
  assert.deepEqual(await allBoundRoutes(async () => []), []);
});
