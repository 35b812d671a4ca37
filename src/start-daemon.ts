/** Starts a daemon in as many threads as its configuration says. */
import type { Config } from "./config/config.ts";
import type { Daemon } from "./daemon.ts";
import type { ConfigOrigin } from "./reload-linker.ts";
import type { Inheritance } from "./takeover/inheritance.ts";
import { type GivenTime, systemParts, writeToStdout } from "./system-parts.ts";

/** Each way is loaded only when it is taken: beside workers, the main thread needs nothing of what they run. */
export async function startDaemon(
  config: Config,
  writeLog = writeToStdout,
  given?: GivenTime,
  inheritance?: Inheritance,
  origin?: ConfigOrigin,
): Promise<Daemon> {
  const parts = systemParts(config, writeLog, given, inheritance, origin);
  if (config.workers === 0) return (await import("./linker.ts")).link(config, parts);
  return (await import("./thread-linker.ts")).linkThreads(config, { ...parts, writeLog });
}
