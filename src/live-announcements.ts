/** Where servers of this process are announced, over all its configurations: announcers that stay, and what each is told. */
import { networkInterfaces } from "node:os";
import { type Interfaces, type ListeningServer, serverAddresses, showAddress } from "./advertised-address.ts";
import { AnnouncedNames, type AnnouncedNamesParts, type OpenAnnouncer, type WantedName } from "./announced-names.ts";
import { boundedClose } from "./base/bounded-close.ts";
import type { Instance } from "./base/instance.ts";
import type { Scope } from "./base/scope.ts";
import { announcedRest } from "./config/announce-check.ts";
import type { AnnouncerConfig, Config } from "./config/config.ts";
import { announcersOf, serversOf } from "./config/config-diff.ts";
import { createPlugin } from "./config/create-plugin.ts";
import { meansTheSame } from "./config/meaning.ts";
import { pluginContext } from "./naming-root.ts";

interface Seat extends OpenAnnouncer {
  /** Of its place in the file. */
  readonly key: string;
  readonly use: AnnouncerConfig;
  readonly scope: Scope;
}

/** What runs. */
interface Running {
  readonly config: Config;
  readonly seats: ReadonlyMap<string, Seat>;
  /** In the order of the file. */
  readonly listening: readonly ListeningServer[];
}

/** Another configuration's announcers, open. Either `commit` or `cancel` is called, once. */
export interface PreparedAnnouncements {
  /** Takes away what that configuration does not announce, before its servers close. Bounded, and never rejects. */
  leave(): Promise<void>;
  /** `listening`: where the servers of that configuration are, in the order of the file. */
  commit(listening: readonly ListeningServer[]): void;
  /** What was announced goes on, also what `leave` took away. */
  cancel(): Promise<void>;
}

export interface AnnouncementParts extends AnnouncedNamesParts {
  readonly bug: (error: unknown) => void;
  readonly interfaces?: () => Interfaces;
}

/** So long an announcer may take beyond what its names took: what it wrote ends with its lease. */
const CLOSE_MS = 500;

export class LiveAnnouncements {
  readonly #parts: AnnouncementParts;
  readonly #owner: Scope;
  readonly #names: AnnouncedNames;
  #running: Running | undefined;
  #opened = 0;

  constructor(parts: AnnouncementParts, owner: Scope) {
    this.#parts = parts;
    this.#owner = owner;
    this.#names = new AnnouncedNames(parts, owner);
  }

  /** How many names are announced, or are to be. */
  get size(): number {
    return this.#names.size;
  }

  /** Rejects with PluginNotCreated; then nothing of it is left. */
  async prepare(config: Config): Promise<PreparedAnnouncements> {
    const before = this.#running;
    const seats = new Map<string, Seat>();
    const isNew = (seat: Seat): boolean => before?.seats.get(seat.key) !== seat;
    const undo = async (): Promise<void> => {
      for (const seat of seats.values()) if (isNew(seat)) await seat.scope.close();
    };
    try {
      for (const router of config.routers) {
        for (const [key, use] of announcersOf(router)) {
          const known = before?.seats.get(key);
          const stays = known?.use.plugin === use.plugin && meansTheSame(known.use, use);
          seats.set(key, known !== undefined && stays ? known : await this.#open(router.label, key, use, config));
        }
      }
    } catch (error) {
      await undo();
      throw error;
    }
    return {
      leave: async () => {
        if (before !== undefined) await this.#names.want(this.#wanted(remaining(before, config, seats)));
      },
      commit: (listening) => this.#commit({ config, seats, listening }),
      cancel: async () => {
        await undo();
        if (before !== undefined) void this.#names.want(this.#wanted(before));
      },
    };
  }

  /** Takes everything away, before the servers close. Bounded, and never rejects. */
  withdraw(): Promise<void> {
    return this.#names.want([]);
  }

  async #open(router: string, key: string, use: AnnouncerConfig, config: Config): Promise<Seat> {
    const { world } = this.#parts;
    const scope = this.#owner.child();
    const label = `/#${use.prefix.show}`;
    const log = world.log.with({ announcer: label, router });
    try {
      const announcer = await createPlugin(use, "announcer", pluginContext(config, world, scope, { label, log }));
      const id = `${++this.#opened} ${key}`;
      scope.own(boundedClose(announcer, world.clock, CLOSE_MS));
      return { id, key, router, use, prefix: use.prefix, announcer, scope };
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  #commit(now: Running): void {
    const kept = new Set(now.seats.values());
    const replaced = [...(this.#running?.seats.values() ?? [])].filter((seat) => !kept.has(seat));
    this.#running = now;
    const gone = this.#names.want(this.#wanted(now));
    const close = async (): Promise<void> => {
      await gone;
      for (const { scope } of replaced) await scope.close();
    };
    void close().catch(this.#parts.bug);
  }

  /** By announcer and name; the instances of servers that share one are together. */
  #wanted({ config, seats, listening }: Running): readonly WantedName[] {
    if (seats.size === 0) return [];
    const wanted = new Map<string, WantedName>();
    const interfaces = (this.#parts.interfaces ?? networkInterfaces)();
    for (const { router, server, addresses } of serverAddresses(config, listening, interfaces)) {
      const instances = addresses.map((each): Instance => {
        return { id: showAddress(each), ...each, weight: 1, ready: true };
      });
      for (const name of server.announce ?? []) {
        for (const at of seats.values()) {
          const path = at.router === router.label ? announcedRest(name, at.prefix) : undefined;
          if (path === undefined) continue;
          const key = `${at.id} ${path.show}`;
          const others = wanted.get(key)?.instances ?? [];
          wanted.set(key, { at, path, name: name.show, instances: [...others, ...instances] });
        }
      }
    }
    return [...wanted.values()];
  }
}

/** What of a configuration that runs is left in the next one. */
function remaining({ config, seats, listening }: Running, after: Config, next: ReadonlyMap<string, Seat>): Running {
  const places = new Map(after.routers.map((router) => [router.label, serversOf(router)]));
  let at = 0;
  const open: ListeningServer[] = [];
  const routers = config.routers.map((router) => {
    const stay = [...serversOf(router)].flatMap(([place, server]) => {
      const where = listening[at++];
      const then = places.get(router.label)?.get(place);
      if (where === undefined || then === undefined) return [];
      open.push(where);
      const kept = then.announce ?? [];
      return [{ ...server, announce: (server.announce ?? []).filter((name) => kept.some((one) => one.equals(name))) }];
    });
    return { ...router, servers: stay };
  });
  const sameSeats = new Map([...seats].filter(([key, seat]) => next.get(key) === seat));
  return { config: { ...config, routers }, seats: sameSeats, listening: open };
}
