/** What a running daemon is to whoever started it, however many threads it has. */
import type { Log } from "./base/log.ts";
import type { Config } from "./config/config.ts";
import type { World } from "./naming-root.ts";
import type { LinkedServer } from "./data-linker.ts";
import type { ConfigOrigin } from "./reload-linker.ts";
import type { Estate, Inheritance } from "./takeover/inheritance.ts";
import type { WantedPlace } from "./takeover/systemd-sockets.ts";

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
  /** Where the configuration that runs has its servers. */
  places(): readonly WantedPlace[];
  /** What a process that takes over could inherit. */
  estate(): Estate;
  /** Reads its file again, as on SIGHUP; the log says what came of it. */
  reload(): void;
  /** Calls `moved` after each reload that changed where it listens. */
  whenMoved(moved: () => void): void;
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

/** Tells of what a reload opened and what it closes. */
export class Moves {
  readonly #log: Log;
  readonly #listeners: (() => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  whenMoved(moved: () => void): void {
    this.#listeners.push(moved);
  }

  tell(before: readonly LinkedServer[], after: readonly LinkedServer[]): void {
    const come = after.filter((server) => !has(before, server));
    const gone = before.filter((server) => !has(after, server));
    for (const server of come) this.#log.info("server.listening", fieldsOf(server));
    for (const server of gone) this.#log.info("server.removed", fieldsOf(server));
    if (come.length + gone.length > 0) for (const moved of this.#listeners) moved();
  }
}

const has = (all: readonly LinkedServer[], { host, port }: LinkedServer): boolean =>
  all.some((each) => each.host === host && each.port === port);

const fieldsOf = ({ router, host, port }: LinkedServer) => ({ router, host, port });
