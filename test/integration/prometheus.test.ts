/** A real Prometheus scrapes both faces of the metrics, and has nothing to complain about. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { it } from "node:test";
import { SpawnedProcess } from "../e2e/cli.ts";
import { startDaemon } from "../e2e/daemon.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { freePort } from "../servers/free-port.ts";
import { requireServer } from "../servers/require.ts";

const prometheus = "/usr/bin/prometheus";
const promtool = "/usr/bin/promtool";
const missing = [prometheus, promtool].find((path) => !existsSync(path));

interface Targets {
  readonly data: {
    readonly activeTargets: readonly {
      readonly health: string;
      readonly lastError: string;
      readonly lastScrape: string;
    }[];
  };
}

interface Found {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** What `promtool check metrics` says of a text. */
async function complaintsOf(metrics: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const tool = spawn(promtool, ["check", "metrics"]);
  const ended = new Promise<number | null>((resolve) => tool.on("close", resolve));
  tool.stdin.end(metrics);
  const said = (await Promise.all([text(tool.stdout), text(tool.stderr)])).join("");
  return { code: await ended, said };
}

it("Prometheus scrapes /metrics and /admin/metrics/prometheus without a complaint", { timeout: 90_000 }, async (t) => {
  if (!requireServer(t, missing && `${missing} is not installed`)) return;
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("users"));
  const folder = stack.use(tempFolder({ "disco/users": `127.0.0.1 ${backend.port}\n` }));
  const daemon = stack.use(
    await startDaemon(
      'admin: {port: 0}\nsources: {files: {files: ./disco}}\nroutes: {"*": files/*}\nlisten: 0\n',
      folder.path,
    ),
  );
  for (const host of ["users", "users", "unknown", "a%22b"]) await askOnce({ port: daemon.port, host });
  const adminPort = new URL(daemon.adminUrl).port;
  folder.write(
    "prometheus.yml",
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
- {job_name: own, static_configs: [{targets: ["127.0.0.1:${adminPort}"]}]}
- {job_name: linkerd, metrics_path: /admin/metrics/prometheus, static_configs: [{targets: ["127.0.0.1:${adminPort}"]}]}
`,
  );
  const port = await freePort();
  const server = stack.use(
    new SpawnedProcess(prometheus, [
      `--config.file=${folder.path}/prometheus.yml`,
      `--storage.tsdb.path=${folder.path}/tsdb`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=debug",
    ]),
  );
  const ask = async <T>(path: string): Promise<T | undefined> => {
    try {
      return (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T;
    } catch {
      // It does not listen yet.
      return undefined;
    }
  };
  await waitUntil("both targets were scraped", 30_000, async () => {
    const active = (await ask<Targets>("/api/v1/targets"))?.data.activeTargets ?? [];
    return active.length === 2 && active.every(({ health }) => health !== "unknown");
  });
  const { data } = (await ask<Targets>("/api/v1/targets")) ?? { data: { activeTargets: [] } };
  assert.deepEqual(
    data.activeTargets.map(({ health, lastError }) => [health, lastError]),
    [
      ["up", ""],
      ["up", ""],
    ],
  );

  const valueOf = async (query: string): Promise<number> => {
    const found = await ask<Found>(`/api/v1/query?query=${encodeURIComponent(query)}`);
    return Number(found?.data.result[0]?.value[1]);
  };
  const expected: readonly (readonly [string, number])[] = [
    ['sum(linkspan_requests_total{service="/svc/users"})', 2],
    ['sum(linkspan_request_seconds_count{service="/svc/users"})', 2],
    ['linkspan_endpoints{status="open"}', 1],
    ['rt:service:requests{service="svc/users"}', 2],
    ['rt:client:success{client="#/files/users"}', 2],
    ["count(process_cpu_seconds_total)", 1],
  ];
  for (const [query, value] of expected) {
    await waitUntil(`${query} is ${value}`, 10_000, async () => (await valueOf(query)) === value);
  }

  for (const line of server.err.split("\n")) {
    assert.doesNotMatch(line, /level=(warn|error)|append failed|duplicate|out.of.order|parse error/i);
  }
  // Its lint of names is for those who write the metrics: the dots of our own are ours to mend, Linkerd's are not.
  const own = await complaintsOf(await (await fetch(`${daemon.adminUrl}/metrics`)).text());
  assert.deepEqual(
    own.said.split("\n").filter((line) => line.startsWith("linkspan_")),
    [],
  );
  const linkerds = await complaintsOf(await (await fetch(`${daemon.adminUrl}/admin/metrics/prometheus`)).text());
  assert.notEqual(linkerds.code, 1, linkerds.said);
  server.signal("SIGTERM");
  await server.endWithin(15_000);
});
