/** The data half of a daemon over all its configurations: stacks, clusters and servers, each replaced where it changed. */
import type { ShownRouter } from "./admin-source.ts";
import type { BoundRoutes, BoundRoutesQuery } from "./base/bound-routes.ts";
import type { Scope } from "./base/scope.ts";
import type { Config, RouterConfig, ServerConfig } from "./config/config.ts";
import { serversOf } from "./config/config-diff.ts";
import type { BindingSource, DataPath } from "./data-path.ts";
import type { AskedRequest, Identified } from "./naming/asked-request.ts";
import type { ListenPlace } from "./net/listen-place.ts";
import { RouterClients } from "./router-clients.ts";
import { linkStack, type RouterStack } from "./router-linker.ts";
import { ServerSeat } from "./server-seat.ts";
import type { StackKeys } from "./stack-keys.ts";

export type PlacesOf = (server: ServerConfig) => readonly ListenPlace[];

/** One configuration as it is to be run. */
export interface Plan {
  readonly config: Config;
  readonly keys: StackKeys;
  /** Where the servers listen that do not yet. */
  readonly placesOf: PlacesOf;
}

/** Either `commit` or `cancel` is called, once. */
export interface PreparedData {
  /** Cannot fail. Resolves when the last exchange on what was replaced has ended. */
  commit(): Promise<void>;
  cancel(): Promise<void>;
  /** As they will be. */
  readonly servers: readonly ServerSeat[];
}

interface Linked {
  readonly router: RouterConfig;
  readonly key: string;
  readonly clients: RouterClients;
  readonly stack: RouterStack;
  readonly scope: Scope;
}

export interface LiveDataParts {
  readonly data: Omit<DataPath, "config">;
  readonly naming: BindingSource;
}

export class LiveData {
  readonly #parts: LiveDataParts;
  readonly #owner: Scope;
  /** By label. */
  #routers: ReadonlyMap<string, Linked> = new Map();
  /** By place. */
  #seats: ReadonlyMap<string, ServerSeat> = new Map();
  readonly #draining = new Set<ServerSeat>();

  /** Everything belongs to `owner`. */
  constructor(parts: LiveDataParts, owner: Scope) {
    this.#parts = parts;
    this.#owner = owner;
  }

  get routers(): readonly ShownRouter[] {
    return [...this.#routers.values()].map(({ router: { label }, stack, clients }) => ({
      label,
      servers: this.servers.filter(({ router }) => router === label),
      view: () => stack.routes.view(),
      clusters: () => clients.clusters.tiers(),
    }));
  }

  bound(page: BoundRoutesQuery["bound"]): readonly BoundRoutes[] {
    return Array.from(this.#routers.values(), ({ stack }) => stack.routes.bound(page));
  }

  /** What a router would take a request for; `undefined` where there is no such router. */
  async identify(router: string, request: AskedRequest): Promise<Identified | undefined> {
    return this.#routers.get(router)?.stack.probe.identify(request);
  }

  /** In the order of the file. */
  get servers(): readonly ServerSeat[] {
    return [...this.#seats.values()];
  }

  /** Listens where it does not yet. Rejects with what could not be opened; then nothing has changed. */
  async prepare({ config, keys, placesOf }: Plan): Promise<PreparedData> {
    const routers = new Map<string, Linked>();
    const seats = new Map<string, ServerSeat>();
    const cancel = async (): Promise<void> => {
      for (const seat of seats.values()) await seat.cancel();
      for (const linked of routers.values()) await this.#undo(linked);
    };
    try {
      for (const router of config.routers) {
        const linked = await this.#linked(router, keys.of(router), config);
        routers.set(router.label, linked);
        for (const [name, server] of serversOf(router)) {
          const seat = this.#seats.get(name) ?? new ServerSeat(this.#parts.data, this.#owner);
          seats.set(name, seat);
          seat.prepare({ router, server, stack: linked.stack }, config);
        }
      }
      // Last, when all that could fail without a socket has not.
      for (const router of config.routers) {
        for (const [name, server] of serversOf(router)) {
          if (!this.#seats.has(name)) await seats.get(name)?.listen(placesOf(server));
        }
      }
    } catch (error) {
      await cancel();
      throw error;
    }
    return { servers: [...seats.values()], commit: () => this.#commit(routers, seats, config), cancel };
  }

  /** Accepts no more, and lets what is under way finish until the deadline. */
  async drain(deadline: AbortSignal): Promise<void> {
    await Promise.all([...this.#seats.values(), ...this.#draining].map((seat) => seat.drain(deadline)));
  }

  async #linked(router: RouterConfig, key: string, config: Config): Promise<Linked> {
    const known = this.#routers.get(router.label);
    if (known?.key === key) return { ...known, router };
    const { naming } = this.#parts;
    const data = { ...this.#parts.data, config };
    const { world, clusterSlots: slots, bug, sweeper, rests, shareOf, zone } = data;
    const unreachable = (id: Parameters<BindingSource["unreachable"]>[0]): boolean => naming.unreachable(id);
    const parts = { world, slots, bug, unreachable, health: naming.health, zone, sweeper, rests, shareOf };
    const clients = known?.clients ?? this.#owner.own(new RouterClients(router, parts));
    const scope = this.#owner.child();
    try {
      const stack = await linkStack({ router, key, naming, clients, data }, scope);
      return { router, key, clients, stack, scope };
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  async #undo({ router, stack, scope, clients }: Linked): Promise<void> {
    const known = this.#routers.get(router.label);
    if (known?.stack === stack) return;
    await scope.close();
    if (known === undefined) await clients[Symbol.asyncDispose]();
  }

  async #commit(
    routers: ReadonlyMap<string, Linked>,
    seats: ReadonlyMap<string, ServerSeat>,
    config: Config,
  ): Promise<void> {
    const before = [this.#routers, this.#seats] as const;
    this.#routers = routers;
    this.#seats = seats;
    for (const [label, { stack }] of routers) if (before[0].get(label)?.stack !== stack) stack.use();
    for (const seat of seats.values()) void seat.commit().catch(this.#parts.data.bug);
    const gone = [...before[1]].filter(([name]) => !seats.has(name)).map(([, seat]) => seat);
    const drained = gone.map((seat) => this.#remove(seat, config.shutdownGraceMs));
    const replaced = [...before[0].values()].filter(({ stack, router }) => routers.get(router.label)?.stack !== stack);
    await Promise.all(drained);
    await Promise.all(replaced.map((linked) => this.#retire(linked)));
  }

  async #remove(seat: ServerSeat, graceMs: number): Promise<void> {
    this.#draining.add(seat);
    const deadline = new AbortController();
    const { clock } = this.#parts.data.world;
    using _ = clock.timer(graceMs, () => deadline.abort());
    await seat.drain(deadline.signal);
    this.#draining.delete(seat);
    await seat.close();
  }

  async #retire({ router, stack, scope, clients }: Linked): Promise<void> {
    await stack.routes.retire();
    await scope.close();
    if (this.#routers.get(router.label)?.clients !== clients) await clients[Symbol.asyncDispose]();
  }
}
