import assert from "node:assert/strict";
import { it } from "node:test";
import { type AdminSource, pageOf, partOf, type RouterState } from "../../../src/admin/state.ts";

const names = Array.from({ length: 2_000 }, (_, at) => `/svc/service-${String(at).padStart(4, "0")}`);
const http: RouterState = {
  label: "http",
  servers: ["127.0.0.1:4140"],
  routes: names.map((name) => ({
    name,
    state: "ok",
    clusters: [`/#${name}`],
    requests: 1,
    failures: 0,
    pending: 0,
    p50Ms: 1,
    p99Ms: 1,
  })),
  clusters: names.map((name) => ({ id: `/#${name}`, state: "ok", endpoints: [] })),
};
const source: AdminSource = {
  version: "0.0.0",
  namers: () => [],
  routers: async (query) => [partOf(http, query)],
};

it("a page of two thousand names holds one page of routes and only their clusters", async () => {
  const router = (await pageOf(source, { search: "", page: 2, pageSize: 50 }, 7)).routers[0];
  assert.equal(router?.totalRoutes, 2_000);
  assert.equal(router?.routes.length, 50);
  assert.equal(router?.routes[0]?.name, "/svc/service-0100");
  assert.deepEqual(
    router?.clusters.map((cluster) => cluster.id),
    router?.routes.flatMap((route) => route.clusters),
  );
});

it("a search finds part of a name in any case and counts what it found", async () => {
  const router = (await pageOf(source, { search: "SERVICE-19", page: 0, pageSize: 50 }, 7)).routers[0];
  assert.equal(router?.totalRoutes, 100);
  assert.equal(
    router?.routes.every((route) => route.name.includes("service-19")),
    true,
  );
});

it("a page past the end is empty", async () => {
  assert.deepEqual((await pageOf(source, { search: "", page: 99, pageSize: 50 }, 7)).routers[0]?.routes, []);
});
