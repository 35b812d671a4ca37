import assert from "node:assert/strict";
import { it } from "node:test";
import { mergeParts } from "../../../src/admin/merge.ts";
import { partOf, type RouteState, type RouterState } from "../../../src/admin/state.ts";

const route = (name: string, over: Partial<RouteState> = {}): RouteState => ({
  name,
  state: "ok",
  clusters: [`/#${name}`],
  requests: 10,
  failures: 1,
  pending: 1,
  p50Ms: 1,
  p99Ms: 2,
  ...over,
});
const router = (routes: readonly RouteState[], requests: number, status: "open" | "busy"): RouterState => ({
  label: "http",
  servers: ["127.0.0.1:4140"],
  routes,
  clusters: routes.map(({ name }) => ({
    id: `/#${name}`,
    state: "ok",
    endpoints: [
      {
        address: "10.0.0.1:80",
        weight: 1,
        status,
        reason: status === "open" ? "" : "refused",
        pending: 1,
        requests,
        failures: 1,
        latencyMs: requests,
        connections: 2,
      },
    ],
  })),
});
const all = { search: "", limit: Infinity };

it("two workers' numbers are added up; of what differs, the worse is shown", () => {
  const parts = [
    [partOf(router([route("/svc/a", { requests: 30, p50Ms: 2 })], 30, "open"), all)],
    [
      partOf(
        router([route("/svc/a", { state: "stale", cause: "late", p50Ms: 6, p99Ms: 9 }), route("/svc/b")], 10, "busy"),
        all,
      ),
    ],
  ];
  const [merged] = mergeParts(parts, all);
  assert.deepEqual(merged?.names, ["/svc/a", "/svc/b"]);
  const { requests, failures, pending, state, cause, p50Ms, p99Ms } = merged?.routes[0] ?? route("none");
  assert.deepEqual([requests, failures, pending, state, cause, p50Ms, p99Ms], [40, 2, 2, "stale", "late", 3, 9]);
  assert.deepEqual(merged?.clusters[0]?.endpoints, [
    {
      address: "10.0.0.1:80",
      weight: 1,
      status: "busy",
      reason: "refused",
      pending: 2,
      requests: 40,
      failures: 2,
      latencyMs: 25,
      connections: 4,
    },
  ]);
});

it("an endpoint that one of two workers chooses from gets half", () => {
  const part = (share: number | undefined) => {
    const of = router([route("/svc/a")], 1, "open");
    const clusters = of.clusters.map((cluster) => ({
      ...cluster,
      endpoints: cluster.endpoints.map((each) => (share === undefined ? each : { ...each, share })),
    }));
    return [partOf({ ...of, clusters }, all)];
  };
  const share = (...of: readonly (number | undefined)[]) =>
    mergeParts(of.map(part), all)[0]?.clusters[0]?.endpoints[0]?.share;
  assert.deepEqual([share(0, undefined), share(undefined, undefined), share(0, 0)], [0.5, undefined, 0]);
});

it("the first routes of all are among the first of each worker", () => {
  const query = { search: "", limit: 2 };
  const parts = [
    ["/svc/d", "/svc/a"],
    ["/svc/c", "/svc/b", "/svc/a"],
  ].map((names) => [
    partOf(
      router(
        names.map((name) => route(name)),
        1,
        "open",
      ),
      query,
    ),
  ]);
  const [merged] = mergeParts(parts, query);
  assert.deepEqual(merged?.names, ["/svc/a", "/svc/b", "/svc/c", "/svc/d"]);
  assert.deepEqual(
    merged?.routes.map(({ name }) => name),
    ["/svc/a", "/svc/b"],
  );
});

it("one part is what it is, and none is nothing", () => {
  const part = partOf(router([route("/svc/a")], 1, "open"), all);
  assert.deepEqual(mergeParts([[part]], all), [part]);
  assert.deepEqual(mergeParts([], all), []);
});
