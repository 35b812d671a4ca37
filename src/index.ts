/** Embedding: a whole daemon from a configuration, in this process. */
import { resolve } from "node:path";
import type { Clock, Random } from "./base/time.ts";
import { builtins } from "./builtins.ts";
import { loadConfig, parseConfig } from "./config/load.ts";
import type { Daemon } from "./daemon.ts";
import { type ConfigOrigin, overridden } from "./reload-linker.ts";
import { startDaemon } from "./start-daemon.ts";

export type { Daemon } from "./daemon.ts";

export interface StartOptions {
  /** A linkerd.yaml or the short form; where it is not given, `file` is read, and read again by `reload`. */
  readonly text?: string;
  /** Where there is a text, for messages only. */
  readonly file?: string;
  /** Whether the file is also read again as soon as it changes; not by default. */
  readonly watch?: boolean;
  /** Relative paths in the text start here. */
  readonly baseDir?: string;
  /** Data threads, where the text does not say; 0 by default: everything in this thread. */
  readonly workers?: number;
  /** Gets each line of the log, without its end; standard output by default. */
  readonly writeLog?: (line: string) => void;
  /** Of this thread; other threads have the system's. */
  readonly clock?: Clock;
  /** Of this thread, so that what is left to chance can be had again; other threads have the system's. */
  readonly random?: Random;
}

/** Resolves when every server listens. Rejects with a ConfigError, or with what could not be opened. */
export async function start(options: StartOptions): Promise<Daemon> {
  const {
    text,
    file = "configuration",
    baseDir = process.cwd(),
    workers = 0,
    watch = false,
    writeLog,
    clock,
    random,
  } = options;
  const path = text === undefined ? resolve(file) : undefined;
  const config =
    text === undefined ? await loadConfig(file, builtins) : await parseConfig(text, { file, baseDir, builtins });
  const origin: ConfigOrigin = { path, watches: watch, workers, logLevel: undefined };
  return startDaemon(overridden(config, origin), writeLog, { clock, random }, undefined, origin);
}
