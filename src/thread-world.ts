/** The world of a thread that the main thread started: its own clock, network and plugins, the main thread's log. */
import { bugsTo } from "./base/defects.ts";
import type { Metrics } from "./base/metrics.ts";
import { builtins } from "./builtins.ts";
import type { Config } from "./config/config.ts";
import { parsePacked } from "./config/load.ts";
import type { PackedSource } from "./config/packed-source.ts";
import type { World } from "./naming-root.ts";
import { systemParts } from "./system-parts.ts";
import { type Parent, surviveDefects } from "./threads/parent.ts";
import { type GivenConfig, PROTOCOL } from "./threads/protocol.ts";

export interface ThreadWorld {
  readonly config: Config;
  readonly world: World;
  readonly version: string;
  readonly bug: (error: unknown) => void;
  readonly setLogLevel: (level: GivenConfig["logLevel"]) => void;
}

/** What the main thread, or a reload, gave to this one. Rejects as `parsePacked` does. */
export function meaningIn({ source, baseDir }: Pick<GivenConfig, "source" | "baseDir">): Promise<Config> {
  return parsePacked(source as PackedSource, { baseDir, builtins });
}

/** Gives the configuration its meaning again; rejects as `parsePacked` does. From now on defects are logged and survived. */
export async function openThreadWorld(
  start: GivenConfig & { readonly protocol: number },
  parent: Pick<Parent<unknown>, "writeLog">,
  metrics: Metrics,
): Promise<ThreadWorld> {
  if (start.protocol !== PROTOCOL) throw new Error(`the main thread speaks version ${start.protocol}, not ${PROTOCOL}`);
  const { logLevel } = start;
  const config = await meaningIn(start);
  const { version, world, setLogLevel } = systemParts(
    { ...config, log: { ...config.log, level: logLevel } },
    parent.writeLog,
  );
  const bug = bugsTo(world.log);
  surviveDefects(bug);
  return { config, world: { ...world, metrics }, version, bug, setLogLevel };
}
