/** The real clock, network and log, and the version of this package. */
import { createRequire } from "node:module";
import { JsonLog } from "./base/json-log.ts";
import { SystemDialer } from "./base/system-dialer.ts";
import { SystemResolver } from "./base/system-resolver.ts";
import { type Clock, type Random, systemClock, systemRandom } from "./base/time.ts";
import type { Config } from "./config/config.ts";
import type { LinkerParts } from "./daemon.ts";
import type { ConfigOrigin } from "./reload-linker.ts";
import { SystemHttp } from "./outbound/system-http.ts";
import { Inheritance } from "./takeover/inheritance.ts";

export const writeToStdout = (line: string): void => void process.stdout.write(`${line}\n`);

const textOnly: ConfigOrigin = { path: undefined, watches: false, workers: undefined, logLevel: undefined };

/** Of this package. */
export const version = (createRequire(import.meta.url)("linkspan/package.json") as { version: string }).version;

/** What stands in for the system's, of this thread. */
export interface GivenTime {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

export function systemParts(
  config: Pick<Config, "log">,
  writeLog: (line: string) => void = writeToStdout,
  { clock = systemClock, random = systemRandom }: GivenTime = {},
  inheritance = new Inheritance({ servers: [] }),
  origin = textOnly,
): LinkerParts {
  const threshold = { level: config.log.level };
  const log = new JsonLog(writeLog, clock, threshold);
  const resolve = new SystemResolver({ clock });
  const dial = new SystemDialer(clock, resolve);
  return {
    version,
    inheritance,
    origin,
    setLogLevel: (level) => void (threshold.level = level),
    world: {
      clock,
      random,
      log,
      dial,
      http: new SystemHttp(clock, dial),
      resolve,
      env: Object.freeze({ ...process.env }),
    },
  };
}
