// The table of metrics in the reference, against what a running daemon exposes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricGroups } from "../../scripts/metric-specs.ts";
import { clusterTable } from "../../src/cluster/cluster-series.ts";
import { routeTable } from "../../src/router/route-series.ts";
import { startBackend } from "../load/backend.ts";
import { waitUntil } from "../load/wait-until.ts";
import { authority, type Issued } from "../servers/certificates.ts";
import { startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

/** Those that begin with their first event. */
const rare = new Set(
  [routeTable, clusterTable]
    .flatMap(({ counters }) => counters)
    .flatMap(({ spec, isRare }) => (isRare === true ? spec.name : [])),
);

const configuration = (backendPort: number, { certPath, keyPath }: Issued, folder: string): string => `
admin: {port: 0}
control: {store: {kind: io.l5d.fs, folder: ${folder}}}
namers:
- {kind: io.l5d.fs, rootDir: config/disco}
- {kind: io.l5d.curator, zkAddrs: "127.0.0.1:1"}
mirrors:
- {name: users, from: /#/io.l5d.fs/users, to: {kind: io.l5d.curator, path: /services/users}}
routers:
- protocol: http
  httpAccessLog: /dev/null
  dtab: /named/users => /$/inet/127.0.0.1/${backendPort}; /named/nobody => /#/io.l5d.fs/nobody
  servers: [{port: 0}, {port: 0, tls: {certPath: ${certPath}, keyPath: ${keyPath}}}]
  client:
    kind: io.l5d.static
    configs:
    - {prefix: /nobody, tls: {disableValidation: true}}
    - {prefix: /$/inet, healthCheck: {kind: tcp, interval: 50ms}}
  service: {shadow: {to: /named/nobody}}
- protocol: http
  label: edited
  announcers: [{kind: io.l5d.curator, zkAddrs: "127.0.0.1:1", path: /services}]
  originator: true
  interpreter: {kind: io.l5d.fs, dtabFile: config/examples/routes.dtab}
  servers: [{port: 0, announce: [/#/io.l5d.curator/edited]}]
- {protocol: tcp, servers: [{port: 0}]}
`;

test("a daemon that was used exposes every metric of the table, and no other of its own", async () => {
  await using backend = await startBackend("users");
  using ca = authority();
  const identity = ca.issue("web", { commonName: "web.example" });
  using folder = tempFolder({});
  await using daemon = await startDaemon(
    configuration(backend.port, identity, folder.path),
    new URL("../../", import.meta.url).pathname,
  );
  const ask = (name: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${daemon.port}/`, { headers: { "l5d-dtab": `/svc => /named/${name}` } });
  const codes = [await ask("users"), await ask("nobody")].map((response) => response.headers.get("linkspan-code"));
  assert.deepEqual(codes, [null, "name.negative"]);

  await fetch(`${daemon.adminUrl}/api/shifts/start`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ path: "/named/users", from: `/$/inet/127.0.0.1/${backend.port}`, to: "/#/io.l5d.fs/users" }),
  });

  let text = "";
  await waitUntil("an endpoint was checked", 5_000, async () => {
    text = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
    return text.includes("linkspan_health_checks_total");
  });
  const exposed = [...text.matchAll(/^# HELP (linkspan_\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
    ([, name, help, type]) => `${name} ${type}: ${help}`,
  );
  const listed = metricGroups.flatMap(({ specs }) => specs.map(({ name, type, help }) => `${name} ${type}: ${help}`));
  const isShown = (line: string): boolean => exposed.includes(line) || !rare.has(line.split(" ", 1)[0] as string);
  assert.deepEqual(exposed.toSorted(), listed.filter(isShown).toSorted());
});

test("what Linkerd 1 told of its JVM is told of this process, and of each thread by its name", async () => {
  for (const [workers, threads] of [
    [0, ["main"]],
    [2, ["control", "worker 0", "worker 1"]],
  ] as const) {
    await using daemon = await startDaemon(
      "admin: {port: 0}\nlisten: 0\nroutes: {users: 127.0.0.1:9}\n",
      undefined,
      workers,
    );
    const flat = (await (await fetch(`${daemon.adminUrl}/admin/metrics.json`)).json()) as Record<string, number>;
    for (const leaf of ["uptime", "num_cpus", "mem/current/used", "gc/msec", "thread/count"]) {
      const value = flat[`jvm/${leaf}`];
      assert.ok(value !== undefined && value >= 0, `jvm/${leaf} is ${value}`);
    }
    const text = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
    const heaps = [...text.matchAll(/^linkspan_thread_heap_bytes\{thread="(.+)"\} [1-9]/gm)].map(([, name]) => name);
    assert.deepEqual(heaps.toSorted(), threads);
  }
});
