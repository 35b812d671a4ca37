import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsRoutes } from "../../../src/admin/metrics-routes.ts";
import { MinuteWindows } from "../../../src/admin/minute-windows.ts";
import { AdminServer } from "../../../src/admin/server.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { systemClock } from "../../../src/base/time.ts";
import { routeTable } from "../../../src/router/route-series.ts";
import { eventually } from "../../../src/testing/index.ts";

async function site(refresh: () => Promise<void>) {
  const registry = new MetricsRegistry();
  registry.table(routeTable, { router: "http" }, new Scope()).open("/svc/users");
  const windows = new MinuteWindows(registry, systemClock);
  const process = { text: async () => "process_up 1\n", linkerd: async () => [] };
  const sources = { registry, refresh, windows, process, clock: systemClock, prometheus: [], influx: true };
  const face = { routes: metricsRoutes(sources), allows: () => true };
  const server = new AdminServer(face, (error) => assert.fail(String(error)));
  const port = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`),
    async [Symbol.asyncDispose]() {
      windows[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const paths = [
  "/metrics",
  "/admin/metrics.json",
  "/admin/metrics.json?tree=1",
  "/admin/metrics/prometheus",
  "/admin/metrics/influxdb",
];

test("of all who scrape at once, in whatever format, some are served, some wait, and the rest is refused", async () => {
  let started = 0;
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  await using daemon = await site(() => (started++, isOpen));
  const statuses: number[] = [];
  const asked = Array.from({ length: 25 }, async (_, at) => {
    const answer = await daemon.get(paths[at % paths.length] ?? "");
    await answer.text();
    statuses.push(answer.status);
  });
  await eventually("those past the line are refused", () => statuses.length === 5);
  assert.equal(started, 4);
  open();
  await Promise.all(asked);
  assert.deepEqual(
    [200, 503].map((status) => statuses.filter((each) => each === status).length),
    [20, 5],
  );
});

test("what is below no subtree is 404 with its name", async () => {
  await using daemon = await site(async () => undefined);
  const none = await daemon.get("/admin/metrics.json?q=rt/http/service/svc/none");
  assert.equal(none.status, 404);
  assert.deepEqual(await none.json(), { error: "No such subtree: rt/http/service/svc/none" });
  const one = await daemon.get("/admin/metrics.json?q=rt/http/service/svc/users/requests&pretty=true");
  assert.deepEqual([one.status, await one.text()], [200, '{\n  "rt/http/service/svc/users/requests": 0\n}\n']);
});
