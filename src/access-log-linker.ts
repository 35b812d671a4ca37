/** Opens the access log of a server, where its router has one. */
import { resolve } from "node:path";
import { AccessLog } from "./access-log/access-log.ts";
import type { Scope } from "./base/scope.ts";
import type { RouterConfig } from "./config/config.ts";
import type { DataPath } from "./data-path.ts";
import type { Filter } from "./http/filter.ts";
import { AccessLogFilter } from "./router/filters/access-log.ts";

/** `server` is its name in metrics. Nothing is opened before the first request; what is then belongs to `owner`. */
export function openAccessLog(
  { accessLog: said, label: router }: RouterConfig,
  server: string,
  data: DataPath,
  owner: Scope,
): Filter | undefined {
  if (said === undefined) return undefined;
  const { world, config, bug } = data;
  const { clock, log, metrics } = world;
  const { path, roll, append, rotateCount, style } = said;
  const file = { path: resolve(config.baseDir, path), roll, append, rotateCount };
  const processStart = clock.wall() - process.uptime() * 1_000;
  const labels = { router, server };
  const lines = owner.own(new AccessLog({ file, labels, clock, log, metrics, processStart, bug }, owner));
  return new AccessLogFilter({ kept: data.accessLogSlots(), clock, style, write: (line) => lines.write(line) });
}
