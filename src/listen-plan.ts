/** Where each worker listens, each time that one is started. */
import { createServer } from "node:net";
import type { Config, ServerConfig } from "./config/config.ts";
import { ListenError } from "./net/listener.ts";
import { type Estate, type Inheritance, placeName } from "./takeover/inheritance.ts";
import type { ListenAt, Listening } from "./threads/protocol.ts";

const serversOf = ({ routers }: Config): readonly ServerConfig[] => routers.flatMap((router) => router.servers);

export class ListenPlan {
  readonly #config: Config;
  readonly #inheritance: Inheritance;
  /** By server, in the order of the file; then by worker: what it inherits, until it was started once. */
  readonly #hands: (readonly number[])[][];

  constructor(config: Config, workers: number, inheritance: Inheritance) {
    this.#config = config;
    this.#inheritance = inheritance;
    this.#hands = serversOf(config).map(({ ip, port }) => [...inheritance.deal(ip, port, workers)]);
  }

  /**
   * By router and server. A worker that takes the place of another opens its own sockets, as those do that inherit
   * none: at the port that the first worker was given, once there is one.
   */
  next(worker: number, servers: readonly Listening[] | undefined): readonly (readonly (readonly ListenAt[])[])[] {
    let at = 0;
    return this.#config.routers.map((router) =>
      router.servers.map(({ ip: host, port }) => {
        const own = { host, port: servers?.[at]?.port ?? port, reusePort: true };
        const fds = this.#hands[at]?.splice(worker, 1, [])[0] ?? [];
        at++;
        return fds.length === 0 ? [own] : fds.map((fd) => ({ ...own, fd }));
      }),
    );
  }

  /** Who shares its port with other workers would share it with another daemon too, and never be told. */
  async refusePortsInUse(): Promise<void> {
    for (const { ip: host, port } of serversOf(this.#config)) {
      if (port === 0 || this.#inheritance.knows(host, port)) continue;
      const probe = createServer();
      await new Promise<void>((resolve, reject) => {
        probe.once("error", (error) => reject(ListenError.of(error, host, port)));
        probe.listen({ host, port, exclusive: true }, resolve);
      });
      await new Promise((resolve) => probe.close(resolve));
    }
  }
}

/** What another process could inherit of workers that listen so. */
export function estateOf(
  config: Config,
  workers: readonly (readonly Pick<Listening, "fds">[])[],
  admin: number | undefined,
): Estate {
  const servers = serversOf(config).map(({ ip, port }, at): readonly [string, readonly number[]] => [
    placeName(ip, port),
    workers.flatMap((listening) => listening[at]?.fds ?? []),
  ]);
  return { servers: servers.filter(([, fds]) => fds.length > 0), ...(admin === undefined ? {} : { admin }) };
}
