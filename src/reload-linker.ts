/** Joins a reloader to the file that it reads, and to what asks for it. */
import type { ReloadSource } from "./admin/reload-routes.ts";
import type { Scope } from "./base/scope.ts";
import { builtins } from "./builtins.ts";
import type { Config } from "./config/config.ts";
import { parseConfig, readConfigText } from "./config/load.ts";
import { FileWatch } from "./reload/file-watch.ts";
import { Reloader, type ReloaderParts } from "./reload/reloader.ts";
import type { World } from "./naming-root.ts";

/** Where a configuration comes from, and what the command line says in its place; plain data. */
export interface ConfigOrigin {
  /** Absolute; `undefined` where it came from a text, and nothing can be read again. */
  readonly path: string | undefined;
  /** Whether it is read again as soon as it changes. */
  readonly watches: boolean;
  readonly workers: number | undefined;
  readonly logLevel: Config["log"]["level"] | undefined;
  /** Runs no router, only the mirrors of the file, or the one of that name. */
  readonly mirrorsOnly?: { readonly only?: string; readonly adminPort?: number };
}

export interface ReloadParts extends Pick<ReloaderParts, "apply" | "revision"> {
  readonly first: Config;
  readonly origin: ConfigOrigin;
  readonly world: World;
}

export interface Reloads extends ReloadSource {
  readonly reloader: Reloader;
  /** As on a signal: the log says what comes of it. */
  bySignal(): void;
}

const RETRY_MS = 2_000;
const MOST_TRIES = 5;

/** The file is watched until `owner` closes, or `reloader.end` is called. */
export function openReloads({ first, origin, world, apply, revision }: ReloadParts, owner: Scope): Reloads {
  const { clock, log, metrics } = world;
  const { file, baseDir } = first;
  const asStarted = (config: Config): Config => overridden(config, origin);
  const certificates = () => ({ now: clock.wall(), expired: "warning" }) as const;
  const parts: ReloaderParts = {
    first,
    revision,
    async read() {
      const text = await readConfigText(origin.path ?? file);
      return asStarted(await parseConfig(text, { file, baseDir, builtins, certificates: certificates() }));
    },
    parse: async (text, name) => {
      const loaded = pluginsOf(reloader.running);
      const mayLoad = (plugin: string): boolean => loaded.has(plugin);
      return asStarted(await parseConfig(text, { file: name, baseDir, builtins, mayLoad }));
    },
    apply,
    log,
    metrics,
    clock,
  };
  const reloader: Reloader = new Reloader(parts, owner);
  /** What is refused for another reason than its mistakes may be taken up a little later: a worker was started anew, say. */
  let retry: Disposable | undefined;
  owner.defer(() => retry?.[Symbol.dispose]());
  const byFile = async (tries = MOST_TRIES): Promise<void> => {
    const { result, problems } = await reloader.reload("file");
    const mayHelp = result === "refused" && problems.length === 0 && tries > 1;
    if (mayHelp) retry = clock.timer(RETRY_MS, () => void byFile(tries - 1));
  };
  if (origin.path !== undefined && origin.watches) owner.own(new FileWatch(origin.path, clock, () => void byFile()));
  return {
    reloader,
    reload: () => (origin.path === undefined ? undefined : reloader.reload("request")),
    diff: (text, name) => reloader.diff(text, name),
    running: () => ({ file: reloader.running.file, revision: reloader.revision, hash: reloader.hash }),
    bySignal: () => {
      if (origin.path === undefined) log.warn("config.unreadable", { file, cause: "it was not read from a file" });
      else void reloader.reload("signal");
    },
  };
}

/** What is named under `plugins`. */
function pluginsOf({ source }: Config): ReadonlySet<string> {
  const list = source.node(["plugins"]);
  const items = list?.kind === "list" ? list.items : [];
  return new Set(items.flatMap((item) => (item.kind === "scalar" ? [item.text] : [])));
}

/** What the command line says stands above the file. */
export function overridden(asked: Config, { workers, logLevel, mirrorsOnly }: ConfigOrigin): Config {
  const config = mirrorsOnly === undefined ? asked : withoutRouters(asked, mirrorsOnly);
  return {
    ...config,
    // Threads are for requests.
    workers: config.routers.length === 0 ? 0 : (config.workers ?? workers),
    log: logLevel === undefined ? config.log : { ...config.log, level: logLevel },
  };
}

function withoutRouters(config: Config, { only, adminPort }: NonNullable<ConfigOrigin["mirrorsOnly"]>): Config {
  const { admin, mirrors } = config;
  return {
    ...config,
    routers: [],
    mirrors: only === undefined ? mirrors : mirrors.filter(({ name }) => name === only),
    admin: adminPort === undefined ? admin : { ...admin, port: adminPort },
  };
}
