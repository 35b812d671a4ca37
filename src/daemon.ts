/** What a running daemon is to whoever started it, however many threads it has. */
import type { Log } from "./base/log.ts";
import type { Config } from "./config/config.ts";
import type { World } from "./naming-root.ts";
import type { LinkedServer } from "./data-linker.ts";
import type { ConfigOrigin } from "./reload-linker.ts";
import type { Estate, Inheritance } from "./takeover/inheritance.ts";

export interface Daemon {
  /** As they are now: a reload may have opened others. */
  readonly servers: readonly LinkedServer[];
  readonly admin: { readonly host: string; readonly port: number };
  /** Resolves when somebody asked for the end at the admin port. */
  readonly shutdownAsked: Promise<void>;
  /**
   * Resolves when a worker cannot take the place of one that died, since its port is another's: of a socket that systemd
   * holds only a new process gets a duplicate.
   */
  readonly portLost?: Promise<void>;
  /** What a process that takes over could inherit. */
  estate(): Estate;
  /** Reads its file again, as on SIGHUP; the log says what came of it. */
  reload(): void;
  /** Leaves the admin port to another process; everything else goes on. */
  leaveAdmin(): void;
  /** Takes no new requests, finishes those under way within the configured grace, closes everything. */
  close(): Promise<void>;
}

export interface LinkerParts {
  readonly world: Omit<World, "metrics">;
  readonly version: string;
  /** The listening sockets that this process was started with. */
  readonly inheritance: Inheritance;
  readonly origin: ConfigOrigin;
  /** Of everything that logs in this thread. */
  readonly setLogLevel: (level: Config["log"]["level"]) => void;
}

/** The log of a start: each server once, however many threads listen on its port. */
export function logStart(log: Log, config: Config, { servers, admin }: Pick<Daemon, "servers" | "admin">): void {
  for (const server of servers) log.info("server.listening", fieldsOf(server));
  log.info("config.loaded", { file: config.file, routers: config.routers.length, namers: config.namers.length });
  log.info("admin.listening", { host: admin.host, port: admin.port });
}

/** What a reload opened and what it closes. */
export function logServers(log: Log, before: readonly LinkedServer[], after: readonly LinkedServer[]): void {
  const has = (all: readonly LinkedServer[], { host, port }: LinkedServer): boolean =>
    all.some((each) => each.host === host && each.port === port);
  for (const server of after) if (!has(before, server)) log.info("server.listening", fieldsOf(server));
  for (const server of before) if (!has(after, server)) log.info("server.removed", fieldsOf(server));
}

const fieldsOf = ({ router, host, port }: LinkedServer) => ({ router, host, port });
