/** Embedding: a whole daemon from a configuration, in this process. */
import type { Clock } from "./base/time.ts";
import { builtins } from "./builtins.ts";
import { parseConfig } from "./config/load.ts";
import type { Daemon } from "./daemon.ts";
import { startDaemon } from "./start-daemon.ts";

export type { Daemon } from "./daemon.ts";

export interface StartOptions {
  /** A linkerd.yaml or the short form. */
  readonly text: string;
  /** For messages. */
  readonly file?: string;
  /** Relative paths in the text start here. */
  readonly baseDir?: string;
  /** Data threads, where the text does not say; 0 by default: everything in this thread. */
  readonly workers?: number;
  /** Gets each line of the log, without its end; standard output by default. */
  readonly writeLog?: (line: string) => void;
  /** Of this thread; other threads have the system's. */
  readonly clock?: Clock;
}

/** Resolves when every server listens. Rejects with a ConfigError, or with what could not be opened. */
export async function start(options: StartOptions): Promise<Daemon> {
  const { text, file = "configuration", baseDir = process.cwd(), workers = 0, writeLog, clock } = options;
  const config = await parseConfig(text, { file, baseDir, builtins });
  return startDaemon({ ...config, workers: config.workers ?? workers }, writeLog, clock);
}
