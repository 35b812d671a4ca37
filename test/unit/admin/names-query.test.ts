import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOf, namesQueryOf } from "../../../src/admin/names-query.ts";
import { type AdminSource, partOf, type RouterState } from "../../../src/admin/state.ts";

const route = (name: string, state: "ok" | "stale") => {
  return { name, state, clusters: [`/#${name}`], requests: 0, failures: 0, pending: 0, p50Ms: 0, p99Ms: 0 };
};

const http: RouterState = {
  label: "http",
  servers: [],
  routes: [route("/svc/a", "ok"), route("/svc/b", "stale"), route("/svc/c", "ok")],
  clusters: [
    { id: "/#/svc/a", state: "ok", endpoints: [] },
    { id: "/#/svc/c", state: "held", endpoints: [] },
  ],
};

const source: AdminSource = {
  version: "0",
  routers: async (query) => [partOf(http, query)],
  namers: () => [
    {
      prefix: "/#/n",
      kind: "k",
      watches: [
        { name: "/a", state: "ok" },
        { name: "/b", state: "stale" },
        { name: "/c", state: "held" },
      ],
    },
  ],
};

async function asked(query: string) {
  const { routers, namers, left } = await namesOf(source, namesQueryOf(new URL(`http://admin/admin/names${query}`)));
  const routes = routers.flatMap((each) => each.routes.map(({ name }) => name));
  const clusters = routers.flatMap((each) => each.clusters.map(({ id }) => id));
  return { routes, clusters, watches: namers.flatMap((each) => each.watches.map(({ name }) => name)), left };
}

test("without a query everything is shown", async () => {
  assert.deepEqual(await asked(""), {
    routes: ["/svc/a", "/svc/b", "/svc/c"],
    clusters: ["/#/svc/a", "/#/svc/c"],
    watches: ["/a", "/b", "/c"],
    left: 0,
  });
});

test("a state is that of a name, of its addresses, or of a watch", async () => {
  assert.deepEqual((await asked("?state=held")).routes, ["/svc/c"]);
  assert.deepEqual((await asked("?state=held,stale")).routes, ["/svc/b", "/svc/c"]);
  assert.deepEqual((await asked("?state=held")).watches, ["/c"]);
});

test("a search finds part of a name in any case", async () => {
  const { routes, watches } = await asked("?search=B");
  assert.deepEqual([routes, watches], [["/svc/b"], ["/b"]]);
});

test("a limit holds for each list, and what is left out is counted", async () => {
  const { routes, clusters, watches, left } = await asked("?limit=1");
  assert.deepEqual([routes, clusters, watches, left], [["/svc/a"], ["/#/svc/a"], ["/a"], 4]);
  for (const limit of ["many", ""]) assert.equal((await asked(`?limit=${limit}`)).left, 0);
});
