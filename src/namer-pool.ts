/** The namers of a daemon, kept from one configuration to the next: what is the same goes on, sessions, watches and all. */
import type { Scope } from "./base/scope.ts";
import type { Config, NamerConfig } from "./config/config.ts";
import { meansTheSame } from "./config/meaning.ts";
import { gaugeNamer } from "./naming/namer-gauges.ts";
import { namerContext, type OpenNamer, rememberedParts, type World } from "./naming-root.ts";
import type { Memory } from "./snapshot/memory.ts";
import { RememberingNamer, type RememberingNamerParts } from "./snapshot/remembering-namer.ts";

/** The place of one prefix. */
interface Seat {
  readonly use: NamerConfig;
  readonly open: OpenNamer;
  readonly namer: RememberingNamer;
  /** Owns the namer, whatever plugin made it last. */
  readonly scope: Scope;
  /** Its signal is that of the plugin's own namer. */
  readonly inner: Scope;
  /** What takes the place of the plugin's own namer at the commit. */
  readonly next: RememberingNamerParts | undefined;
}

/** The namers of another configuration, open, and not in use yet. Either `commit` or `cancel` is called, once. */
export interface PreparedNamers {
  /** Each as that configuration makes it, for what it can do. */
  readonly namers: readonly OpenNamer[];
  /** Of an entry of that configuration. */
  of(use: NamerConfig): OpenNamer | undefined;
  /** Whether interpreters of the one before ask the same namers in the same way. */
  readonly sameTable: boolean;
  /** From now on these are the pool's. `close` ends what was removed, when nobody asks it any more. */
  commit(): { close(): Promise<void> };
  cancel(): Promise<void>;
}

export class NamerPool {
  readonly #world: World;
  readonly #memory: Memory;
  readonly #owner: Scope;
  #seats: readonly Seat[] = [];
  #guard: Config["guard"] | undefined;

  /** `owner` closes them all. */
  constructor(world: World, memory: Memory, owner: Scope) {
    this.#world = world;
    this.#memory = memory;
    this.#owner = owner;
  }

  get namers(): readonly OpenNamer[] {
    return this.#seats.map((seat) => seat.open);
  }

  /** Rejects with PluginNotCreated; then nothing of it is left. */
  async prepare(config: Config): Promise<PreparedNamers> {
    const left = [...this.#seats];
    const seats: Seat[] = [];
    try {
      for (const use of config.namers) {
        const at = left.findIndex((seat) => seat.use.prefix.equals(use.prefix));
        const [known] = at < 0 ? [] : left.splice(at, 1);
        seats.push(known === undefined ? await this.#open(use, config) : await this.#keep(known, use, config));
      }
    } catch (error) {
      await this.#cancel(seats);
      throw error;
    }
    return {
      namers: seats.map(({ open, next }) => (next === undefined ? open : { ...open, namer: next.namer })),
      of: (use) => seats.find((seat) => seat.use === use)?.open,
      sameTable: isSameTable(this.#seats, seats),
      commit: () => this.#commit(seats, left, config),
      cancel: () => this.#cancel(seats),
    };
  }

  async #open(use: NamerConfig, config: Config): Promise<Seat> {
    const scope = this.#owner.child();
    const inner = scope.child();
    try {
      const context = namerContext(use, config, this.#world, inner);
      const namer = scope.own(new RememberingNamer(await rememberedParts(use, context, this.#memory)));
      gaugeNamer(namer, context, scope);
      const { prefix, kind, whenUnreachable } = use;
      return { use, open: { prefix, kind, namer, whenUnreachable }, namer, scope, inner, next: undefined };
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  async #keep(seat: Seat, use: NamerConfig, config: Config): Promise<Seat> {
    const { prefix, kind, whenUnreachable } = use;
    const kept = { ...seat, use, open: { prefix, kind, namer: seat.namer, whenUnreachable }, next: undefined };
    const sameGuard = meansTheSame(this.#guard, config.guard);
    if (sameGuard && meansTheSame(ownOf(seat.use), ownOf(use)) && seat.use.plugin === use.plugin) return kept;
    const inner = seat.scope.child();
    try {
      const context = namerContext(use, config, this.#world, inner);
      return { ...kept, inner, next: await rememberedParts(use, context, this.#memory) };
    } catch (error) {
      await inner.close();
      throw error;
    }
  }

  #commit(seats: readonly Seat[], removed: readonly Seat[], config: Config): { close(): Promise<void> } {
    const before = new Map(this.#seats.map((seat) => [seat.namer, seat.inner]));
    this.#seats = seats.map((seat) => ({ ...seat, next: undefined }));
    this.#guard = config.guard;
    const closing = seats.map(async ({ namer, next }) => {
      if (next === undefined) return;
      await namer.replace(next);
      await before.get(namer)?.close();
    });
    return {
      close: async () => {
        await Promise.all([...closing, ...removed.map(({ scope }) => scope.close())]);
      },
    };
  }

  async #cancel(seats: readonly Seat[]): Promise<void> {
    const known = new Set(this.#seats.map(({ namer }) => namer));
    for (const { namer, next, scope, inner } of seats) {
      if (!known.has(namer)) await scope.close();
      if (next === undefined) continue;
      next.guard[Symbol.dispose]();
      await next.looks[Symbol.asyncDispose]();
      await next.namer[Symbol.asyncDispose]();
      await inner.close();
    }
  }
}

/** What the plugin's own namer was made of. */
const ownOf = ({ kind, config }: NamerConfig): object => ({ kind, config: config as unknown });

/** How interpreters use a namer. */
const useOf = ({ prefix, whenUnreachable, transformers }: NamerConfig): object => ({
  prefix,
  whenUnreachable,
  transformers,
});

function isSameTable(before: readonly Seat[], after: readonly Seat[]): boolean {
  return (
    before.length === after.length &&
    after.every(({ namer, use }, at) => before[at]?.namer === namer && meansTheSame(useOf(before[at].use), useOf(use)))
  );
}
