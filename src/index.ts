/** Embedding: a whole daemon from a configuration, in this process. */
import { createRequire } from "node:module";
import { JsonLog } from "./base/json-log.ts";
import { SystemDialer } from "./base/system-dialer.ts";
import { SystemResolver } from "./base/system-resolver.ts";
import { type Clock, systemClock, systemRandom } from "./base/time.ts";
import { builtins } from "./builtins.ts";
import { parseConfig } from "./config/load.ts";
import type { Config } from "./config/config.ts";
import { type Daemon, link, type LinkerParts } from "./linker.ts";

export type { Daemon } from "./linker.ts";

export interface StartOptions {
  /** A linkerd.yaml or the short form. */
  readonly text: string;
  /** For messages. */
  readonly file?: string;
  /** Relative paths in the text start here. */
  readonly baseDir?: string;
  /** Gets each line of the log, without its end; standard output by default. */
  readonly writeLog?: (line: string) => void;
  readonly clock?: Clock;
}

const writeToStdout = (line: string): void => void process.stdout.write(`${line}\n`);

/** Of this package. */
export const version = (createRequire(import.meta.url)("linkspan/package.json") as { version: string }).version;

/** Resolves when every server listens. Rejects with a ConfigError, or with what could not be opened. */
export async function start(options: StartOptions): Promise<Daemon> {
  const { text, file = "configuration", baseDir = process.cwd() } = options;
  const config = await parseConfig(text, { file, baseDir, builtins });
  return link(config, systemParts(config, options.writeLog ?? writeToStdout, options.clock ?? systemClock));
}

/** The real clock, network and log of this process. */
export function systemParts(
  config: Config,
  writeLog: (line: string) => void = writeToStdout,
  clock = systemClock,
): LinkerParts {
  const log = new JsonLog(writeLog, clock, { level: config.log.level });
  const resolve = new SystemResolver({ clock });
  return {
    version,
    world: { clock, random: systemRandom, log, dial: new SystemDialer(clock, resolve), resolve },
  };
}
