/** A whole daemon in the test's process: what `linkspan run` runs, with its log in hand. */
import { type Daemon, start } from "../../src/index.ts";

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface TestDaemon extends AsyncDisposable {
  readonly daemon: Daemon;
  /** The port of the first server. */
  readonly port: number;
  readonly adminUrl: string;
  readonly log: readonly LogLine[];
  /** The lines with that event. */
  logged(event: string): readonly LogLine[];
}

/** Data threads of the daemons of a run, where their text does not say; 0 is quickest. */
const usualWorkers = Number(process.env["LINKSPAN_WORKERS"] ?? 0);

/** `yaml` should listen on port 0, with `admin: {port: 0}`. Dispose it to end it. */
export async function startDaemon(yaml: string, baseDir = process.cwd(), workers = usualWorkers): Promise<TestDaemon> {
  const log: LogLine[] = [];
  const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
  const daemon = await start({ text: yaml, baseDir, workers, writeLog });
  return {
    daemon,
    log,
    port: daemon.servers[0]?.port ?? 0,
    adminUrl: `http://127.0.0.1:${daemon.admin?.port ?? 0}`,
    logged: (event) => log.filter((line) => line.event === event),
    [Symbol.asyncDispose]: () => daemon.close(),
  };
}

export interface ShownEndpoint {
  readonly address: string;
  readonly status: string;
  /** Why it is not open; empty when it is. */
  readonly reason: string;
  readonly connections: number;
}

export interface ShownCluster {
  readonly id: string;
  readonly state: string;
  readonly endpoints: readonly ShownEndpoint[];
}

interface ShownNames {
  readonly routers: readonly { readonly clusters: readonly ShownCluster[] }[];
}

export async function shownClusters(daemon: TestDaemon): Promise<readonly ShownCluster[]> {
  const response = await fetch(`${daemon.adminUrl}/admin/names`);
  const names = (await response.json()) as ShownNames;
  return names.routers.flatMap((router) => router.clusters);
}

/** The addresses that the daemon would send to now, sorted; of all clusters together. */
export async function shownEndpoints(daemon: TestDaemon): Promise<readonly string[]> {
  const clusters = await shownClusters(daemon);
  return clusters.flatMap((cluster) => cluster.endpoints.map((endpoint) => endpoint.address)).sort();
}
