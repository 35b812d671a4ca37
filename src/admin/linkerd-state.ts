/** What Linkerd 1's admin port told of a running process, in its formats: configuration, names, clients, watches, log levels. */
import type { Config } from "../config/config.ts";
import { describe } from "../config/meaning.ts";
import type { WatchView } from "../naming/namer.ts";
import { type AdminHandler, type AdminRoute, sendJson, sendText } from "./server.ts";
import type { AdminSource, ClusterState, NamerState } from "./state.ts";

export interface LinkerdStateParts {
  readonly source: AdminSource;
  readonly config: Config;
  /** Bound names that namers can list. */
  readonly names: () => Promise<readonly string[]>;
  /** In epoch ms. */
  readonly wall: () => number;
}

const LEVELS = { error: "ERROR", warn: "WARNING", info: "INFO", debug: "DEBUG" } as const;

export function linkerdStateRoutes(parts: LinkerdStateParts): readonly AdminRoute[] {
  const { source, config, names, wall } = parts;
  const get = (path: string, handle: AdminHandler): AdminRoute => ({ method: "GET", path, handle });
  const level = LEVELS[config.log.level];
  return [
    get("/config.json", (_, response) => sendJson(response, configJson(config))),
    get("/bound-names.json", async (_, response) => sendJson(response, await names())),
    get("/client_state.json", async (_, response) => sendJson(response, await clientState(source))),
    get("/logging.json", (_, response) => sendJson(response, [{ logger: "root", level }])),
    get("/logging", (_, response) => sendText(response, 200, loggingPage(level), "text/html; charset=utf-8")),
    get("/admin/server_info", (_, response) => sendJson(response, serverInfo(source.version, wall()))),
    get("/admin/lint", (_, response) => sendJson(response, lint)),
    get("/admin/lint.json", (_, response) => sendJson(response, lint)),
    get("/admin/announcer", (_, response) => sendText(response, 200, "")),
    ...watchRoutes(source, config),
  ];
}

/** As it was written, with dtabs on one line, each router's label, and stars for secrets. */
function configJson({ written, routers }: Config): unknown {
  const whole = describe(written) as Readonly<Record<string, unknown>>;
  const said = (whole["routers"] ?? []) as readonly object[];
  return {
    ...whole,
    routers: said.map((router, at) => {
      const dtab = "dtab" in router ? { dtab: routers[at]?.dtab.show } : {};
      return { ...router, ...dtab, label: routers[at]?.label };
    }),
  };
}

async function clientState(source: AdminSource): Promise<object> {
  const parts = await source.routers({ search: "", limit: Infinity });
  const clusters = parts.flatMap((part) => part.clusters);
  return Object.fromEntries(clusters.map((cluster) => [cluster.id, stateOf(cluster)]));
}

function stateOf({ state, cause = "", endpoints }: ClusterState): object {
  if (state === "pending") return { state: "Pending", addresses: [] };
  if (state === "failed") return { state: `Failed: ${cause}`, addresses: [] };
  return { state: "bound", addresses: endpoints.map(({ address }) => address) };
}

/** `/namer_state/io.l5d.fs.json`, and `/LABEL/interpreter_state/KIND.json`; names that nobody watches have no entry. */
function watchRoutes(source: AdminSource, { namers, routers }: Config): readonly AdminRoute[] {
  const route = (path: string, prefix: string): AdminRoute => ({
    method: "GET",
    path: new URL(path, "http://admin").pathname,
    handle: (_, response) => {
      const found = source.namers().find((each) => each.prefix === prefix);
      sendJson(response, found === undefined ? {} : watchState(found));
    },
  });
  return [
    ...namers.map(({ prefix }) => route(`/namer_state${prefix.show}.json`, `/#${prefix.show}`)),
    ...routers
      .filter(({ interpreter }) => interpreter.kind !== "default")
      .map(({ label, interpreter }) =>
        route(`/${encodeURIComponent(label)}/interpreter_state/${interpreter.kind}.json`, `/interpreters/${label}`),
      ),
  ];
}

function watchState({ prefix, watches }: NamerState): object {
  return Object.fromEntries(watches.map((watch) => [`${prefix}${watch.name}`, { state: varState(watch) }]));
}

function varState({ state, since, cause, revision, endpoints }: WatchView): object {
  return {
    running: true,
    ...(since === undefined ? {} : { lastUpdatedAt: dateOf(since) }),
    value: {
      state,
      ...(endpoints === undefined ? {} : { endpoints }),
      ...(revision === undefined ? {} : { revision }),
      ...(cause === undefined ? {} : { error: cause }),
    },
  };
}

/** As Linkerd 1 wrote dates there. */
function dateOf(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/^(.*)T(.*)\.\d+Z$/, "$1 $2 +0000");
}

function serverInfo(version: string, wall: number): object {
  const uptime = Math.round(process.uptime() * 1_000);
  return {
    name: "linkspan",
    version,
    build: version,
    build_revision: "unknown",
    build_branch_name: "unknown",
    build_last_few_commits: ["unknown"],
    merge_base: "unknown",
    merge_base_commit_date: "unknown",
    scm_repository: "unknown",
    start_time: new Date(wall - uptime).toUTCString(),
    uptime,
  };
}

/** The rules were Finagle's. */
const lint = {
  lint_results: {
    metadata: { num_rules_run: 0, num_rules_ok: 0, num_rules_failed: 0, num_issues_found: 0 },
    failed_rules: [],
    ok_rules: [],
  },
};

const loggingPage = (level: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>linkspan: log</title></head><body>
<h1>Log</h1><p>The level of all loggers is <b>${level}</b>.</p>
<p>It is <code>log.level</code> in the configuration, which is read again when the file changes.</p>
<p><a href=".">Back</a></p></body></html>
`;
