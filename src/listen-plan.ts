/** Where each worker listens, each time that one is started. */
import { createServer } from "node:net";
import type { Config, ServerConfig } from "./config/config.ts";
import type { ListenPlace } from "./net/listen-place.ts";
import { ListenError } from "./net/listener.ts";
import { type Estate, type Inheritance, placeName } from "./takeover/inheritance.ts";
import type { WantedPlace } from "./takeover/systemd-sockets.ts";
import type { ListenAt, Listening } from "./threads/protocol.ts";

/** By router and server, in the order of the file. */
export type Places = readonly (readonly (readonly ListenAt[])[])[];

/** What of a configuration says where it listens; plain data. */
export interface ServerPlaces {
  readonly routers: readonly { readonly servers: readonly { readonly ip: string; readonly port: number }[] }[];
}

export interface ListenPlanParts extends ServerPlaces {
  readonly workers: number;
  readonly inheritance: Inheritance;
  /** Whether several listen at each place, now or when a worker is started anew. */
  readonly isShared: boolean;
}

/** The servers of all routers, with the names of their places. */
export function wantedPlaces({ routers }: ServerPlaces): readonly WantedPlace[] {
  const servers = routers.flatMap((router) => router.servers);
  return servers.map(({ ip, port }, at) => ({ ip, port, name: placeName(ip, port, at) }));
}

export class ListenPlan {
  readonly #parts: ListenPlanParts;
  readonly #wanted: readonly WantedPlace[];
  /** By server, then by worker: what it inherits, until it was started once. */
  readonly #hands: (readonly number[])[][];

  constructor(parts: ListenPlanParts) {
    this.#parts = parts;
    this.#wanted = wantedPlaces(parts);
    this.#hands = this.#wanted.map(({ name }) => [...parts.inheritance.deal(name, parts.workers)]);
  }

  /**
   * A worker that takes the place of another opens its own sockets, as those do that inherit none: at the port that the
   * first worker was given, once there is one.
   */
  next(worker: number, servers?: readonly Listening[]): Places {
    let at = 0;
    return this.#parts.routers.map((router) =>
      router.servers.map(({ ip: host, port }) => {
        const own = { host, port: servers?.[at]?.port ?? port, reusePort: this.#parts.isShared };
        const fds = this.#hands[at]?.splice(worker, 1, [])[0] ?? [];
        at++;
        return fds.length === 0 ? [own] : fds.map((fd) => ({ ...own, fd }));
      }),
    );
  }

  /** Who shares its port with other workers would share it with another daemon too, and never be told. */
  async refusePortsInUse(own: ReadonlySet<string> = new Set()): Promise<void> {
    for (const { ip: host, port, name } of this.#wanted) {
      if (port === 0 || own.has(name) || this.#parts.inheritance.knows(name)) continue;
      const probe = createServer();
      await new Promise<void>((resolve, reject) => {
        probe.once("error", (error) => reject(ListenError.of(error, host, port)));
        probe.listen({ host, port, exclusive: true }, resolve);
      });
      await new Promise((resolve) => probe.close(resolve));
    }
  }
}

/** Looks the places of a server up. */
export function placesIn({ routers }: Config, places: Places): (server: ServerConfig) => readonly ListenPlace[] {
  const found = new Map<ServerConfig, readonly ListenPlace[]>();
  for (const [at, { servers }] of routers.entries()) {
    for (const [nth, server] of servers.entries()) found.set(server, places[at]?.[nth] ?? []);
  }
  return (server) => found.get(server) ?? [];
}

/** What another process could inherit of workers that listen so. */
export function estateOf(
  config: ServerPlaces,
  workers: readonly (readonly Pick<Listening, "fds">[])[],
  admin: number | undefined,
): Estate {
  const servers = wantedPlaces(config).map(({ name }, at): readonly [string, readonly number[]] => [
    name,
    workers.flatMap((listening) => listening[at]?.fds ?? []),
  ]);
  return { servers: servers.filter(([, fds]) => fds.length > 0), ...(admin === undefined ? {} : { admin }) };
}
