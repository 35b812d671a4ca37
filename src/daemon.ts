/** What a running daemon is to whoever started it, however many threads it has. */
import type { Log } from "./base/log.ts";
import type { Config } from "./config/config.ts";
import type { World } from "./naming-root.ts";
import type { LinkedServer } from "./router-linker.ts";
import type { Estate, Inheritance } from "./takeover/inheritance.ts";

export interface Daemon {
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
}

/** The log of a start: each server once, however many threads listen on its port. */
export function logStart(log: Log, config: Config, { servers, admin }: Pick<Daemon, "servers" | "admin">): void {
  for (const { router, host, port } of servers) log.info("server.listening", { router, host, port });
  log.info("config.loaded", { file: config.file, routers: config.routers.length, namers: config.namers.length });
  log.info("admin.listening", { host: admin.host, port: admin.port });
}
