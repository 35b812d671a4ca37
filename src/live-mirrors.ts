/** The mirrors of a daemon over all its configurations: what is the same goes on, what differs is handed over. */
import { networkInterfaces } from "node:os";
import {
  type AdvertisedAddress,
  gatewayOf,
  type Interfaces,
  type ListeningServer,
  serverAddresses,
} from "./advertised-address.ts";
import type { MirrorDrift } from "./admin/drift-routes.ts";
import { Mirror } from "./bridge/mirror.ts";
import type { Approval, Approved, MirrorStatus } from "./bridge/mirror-status.ts";
import { boundedClose } from "./base/bounded-close.ts";
import type { Scope } from "./base/scope.ts";
import type { Config, MirrorConfig, NamerConfig } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import { mirrorSource } from "./config/mirror-source.ts";
import { meansTheSame } from "./config/meaning.ts";
import { assertLists, mirrorParts } from "./mirror-linker.ts";
import type { Announcer } from "./naming/announcer.ts";
import { type OpenNamer, pluginContext, type World } from "./naming-root.ts";

/** What a mirror is made of, as far as the file says; another one of these is another mirror. */
interface Made {
  readonly use: MirrorConfig;
  readonly source: NamerConfig;
  readonly guard: Config["guard"];
}

interface Seat extends Made {
  /** Owns the announcer. */
  readonly scope: Scope;
  readonly announcer: Announcer;
  /** From the commit on. */
  readonly mirror?: Mirror;
  readonly gateway?: AdvertisedAddress | undefined;
}

/** Another configuration's mirrors, ready to run. Either `commit` or `cancel` is called, once. */
export interface PreparedMirrors {
  /** After the namers' commit. `listening`: where the servers are, in the order of the file. */
  commit(listening: readonly ListeningServer[]): void;
  cancel(): Promise<void>;
}

export interface LiveMirrorsParts {
  readonly world: World;
  /** What tells this process from others that mirror the same. */
  readonly member: string;
  readonly namers: () => readonly OpenNamer[];
  readonly bug: (error: unknown) => void;
  readonly interfaces?: () => Interfaces;
}

/** What is withdrawn with a mirror that the file has no more may take so long. */
const WITHDRAW_MS = 10_000;
/** So long letting go may take, of a mirror and of its announcer. */
const CLOSE_MS = 1_000;

export class LiveMirrors {
  readonly #parts: LiveMirrorsParts;
  readonly #owner: Scope;
  /** By name, in the order of the file. */
  #seats: ReadonlyMap<string, Seat> = new Map();
  #generation = 0;

  /** `owner` lets go of them all, and leaves what stands to its lease or to whoever leads next. */
  constructor(parts: LiveMirrorsParts, owner: Scope) {
    this.#parts = parts;
    this.#owner = owner;
  }

  status(): readonly MirrorStatus[] {
    return [...this.#seats.values()].flatMap(({ mirror }) => (mirror === undefined ? [] : [mirror.status()]));
  }

  drift(): readonly MirrorDrift[] {
    return [...this.#seats.values()].flatMap(({ mirror }) => {
      if (mirror === undefined) return [];
      const { role, leader } = mirror.status();
      return [{ mirror: mirror.name, role, ...(leader === undefined ? {} : { leader }), ...mirror.drift }];
    });
  }

  /** `undefined` where there is no such mirror. */
  approve(name: string, approval: Approval): Approved | undefined {
    return this.#seats.get(name)?.mirror?.approve(approval);
  }

  /** `namers`: those of the configuration. Rejects with PluginNotCreated; then nothing of it is left. */
  async prepare(config: Config, namers: readonly OpenNamer[]): Promise<PreparedMirrors> {
    const seats = new Map<string, Seat>();
    const isNew = (seat: Seat): boolean => this.#seats.get(seat.use.name) !== seat;
    const cancel = async (): Promise<void> => {
      for (const seat of seats.values()) if (isNew(seat)) await seat.scope.close();
    };
    try {
      for (const use of config.mirrors) {
        const source = mirrorSource(use.from, config.namers);
        const open = source && namers.find(({ prefix }) => prefix.equals(source.prefix));
        if (source === undefined || open === undefined) throw new Error(`no namer serves ${use.from.show}`);
        assertLists(use, open);
        const made: Made = { use, source, guard: config.guard };
        const known = this.#seats.get(use.name);
        const stays = known !== undefined && isSame(known, made);
        seats.set(use.name, stays ? known : await this.#open(made, config));
      }
    } catch (error) {
      await cancel();
      throw error;
    }
    return { commit: (listening) => this.#commit(seats, config, listening), cancel };
  }

  async #open(made: Made, config: Config): Promise<Seat> {
    const { world } = this.#parts;
    const scope = this.#owner.child();
    const { name, to } = made.use;
    const log = world.log.with({ mirror: name });
    try {
      const context = pluginContext(config, world, scope, { label: name, log });
      const announcer = await createPlugin(to, "announcer", context);
      scope.own(boundedClose(announcer, world.clock, CLOSE_MS));
      return { ...made, scope, announcer };
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  #commit(prepared: ReadonlyMap<string, Seat>, config: Config, listening: readonly ListeningServer[]): void {
    const before = this.#seats;
    const next = new Map<string, Seat>();
    const servers = serverAddresses(config, listening, (this.#parts.interfaces ?? networkInterfaces)());
    for (const [name, seat] of prepared) {
      const gateway = gatewayOf(seat.use, servers);
      const isRunning = seat.mirror !== undefined && meansTheSame(seat.gateway, gateway);
      next.set(name, isRunning ? seat : this.#started(seat, gateway));
    }
    this.#seats = next;
    void this.#retire(before, next).catch(this.#parts.bug);
  }

  /** One that cannot be started does not run; the others do. */
  #started(seat: Seat, gateway: AdvertisedAddress | undefined): Seat {
    try {
      return this.#start(seat, gateway);
    } catch (error) {
      this.#parts.bug(error);
      return seat;
    }
  }

  #start(seat: Seat, gateway: AdvertisedAddress | undefined): Seat {
    const { world, member, namers } = this.#parts;
    const { use, source, announcer, scope } = seat;
    const namer = namers().find((each) => each.prefix.equals(source.prefix))?.namer;
    if (namer === undefined) throw new Error(`the namer ${source.prefix.show} is not open`);
    const own = `${member}-${++this.#generation}`;
    const mirror = new Mirror(mirrorParts(use, { source, namer, announcer, member: own, gateway, world }));
    scope.own(boundedClose(mirror, world.clock, CLOSE_MS));
    mirror.run();
    return { ...seat, mirror, gateway };
  }

  /** What took the place of another stands in line already when that lets go. */
  async #retire(before: ReadonlyMap<string, Seat>, next: ReadonlyMap<string, Seat>): Promise<void> {
    const { clock } = this.#parts.world;
    for (const [name, seat] of before) {
      const now = next.get(name);
      if (now?.mirror === seat.mirror) continue;
      if (now === undefined) {
        const late = new AbortController();
        using _ = clock.timer(WITHDRAW_MS, () => late.abort(new Error("the registry did not answer in time")));
        // What it wrote is left to its lease then.
        await seat.mirror?.withdraw(late.signal).catch(() => undefined);
      }
      if (now?.scope === seat.scope) await seat.mirror?.[Symbol.asyncDispose]();
      else await seat.scope.close();
    }
  }
}

function isSame(known: Made, made: Made): boolean {
  const ownOf = ({ use, source, guard }: Made): object => {
    const { kind, config, prefix } = source;
    return { use, source: { kind, config: config as unknown, prefix }, guard };
  };
  return (
    known.use.to.plugin === made.use.to.plugin &&
    known.source.plugin === made.source.plugin &&
    meansTheSame(ownOf(known), ownOf(made))
  );
}
