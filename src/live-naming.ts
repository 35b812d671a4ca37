/** The naming half of a daemon over all its configurations: namers that stay, and a slot for each stack of a router. */
import type { Scope } from "./base/scope.ts";
import { failed, Var } from "./base/var.ts";
import type { Config, RouterConfig } from "./config/config.ts";
import { interpreterOf } from "./config/config-diff.ts";
import { meansTheSame } from "./config/meaning.ts";
import type { Interpreter } from "./naming/interpreter.ts";
import type { Path } from "./naming/path.ts";
import { SwitchedInterpreter } from "./naming/switched-interpreter.ts";
import { NamerPool, type PreparedNamers } from "./namer-pool.ts";
import type { OpenInterpreter } from "./interpreter-root.ts";
import { type NamingRoot, type OpenNamer, openNaming, type Overlays, type World } from "./naming-root.ts";
import type { Memory } from "./snapshot/memory.ts";
import type { StackKeys } from "./stack-keys.ts";

/** What one configuration opened beside its namers: interpreters, transformers. */
interface Generation {
  readonly root: NamingRoot;
  readonly scope: Scope;
}

interface Slot {
  readonly router: RouterConfig;
  readonly interpreter: SwitchedInterpreter;
  readonly generation: Generation;
}

/** Names as another configuration binds them. Either `commit` or `cancel` is called, once. */
export interface PreparedNaming {
  /** Each as that configuration makes it, for what it can do. */
  readonly namers: readonly OpenNamer[];
  /** Names are bound so from now on. `close` ends what was replaced, when no stack uses it any more. */
  commit(): { close(): Promise<void> };
  cancel(): Promise<void>;
}

export class LiveNaming {
  readonly #world: World;
  readonly #memory: Memory;
  readonly #owner: Scope;
  readonly #overlays: Overlays;
  readonly #pool: NamerPool;
  /** By the key of the stack. */
  readonly #slots = new Map<string, Slot>();
  /** Whose namers stand for all of them, used by a router or not. */
  #newest: Generation | undefined;

  constructor(world: World, memory: Memory, owner: Scope, overlays: Overlays = () => undefined) {
    this.#overlays = overlays;
    this.#world = world;
    this.#memory = memory;
    this.#owner = owner;
    this.#pool = new NamerPool(world, memory, owner);
  }

  get namers(): readonly OpenNamer[] {
    return this.#pool.namers;
  }

  /** Of every router, who binds its names now. */
  get interpreters(): readonly OpenInterpreter[] {
    return [...this.#slots.values()].map(({ router, interpreter }) => {
      return { router: router.label, kind: router.interpreter.kind, interpreter };
    });
  }

  /** Without a dtab. */
  get namersAlone(): Interpreter {
    if (this.#newest === undefined) throw new Error("no configuration is there yet");
    return this.#newest.root.namersAlone;
  }

  /** Of a stack that is there no more, nothing is known: what was told of its names stays. */
  interpreterFor(key: string): Interpreter {
    return this.#slots.get(key)?.interpreter ?? new GoneInterpreter(key);
  }

  /** Of the stack with that key; where it is gone, of the one that has its label now. */
  routerOf(key: string, label: string): RouterConfig | undefined {
    const slot = this.#slots.get(key) ?? [...this.#slots.values()].findLast(({ router }) => router.label === label);
    return slot?.router;
  }

  unreachable(id: Path): boolean {
    return this.#believe((root) => root.unreachable(id));
  }

  release(id: Path): boolean {
    return this.#believe((root) => root.release(id));
  }

  /** Stacks with new keys can be asked for at once. Rejects with PluginNotCreated; then nothing of it is left. */
  async prepare(config: Config, keys: StackKeys): Promise<PreparedNaming> {
    const namers = await this.#pool.prepare(config);
    const scope = this.#owner.child();
    try {
      const changed = config.routers.filter((router) => this.#isChanged(router, keys.of(router), namers.sameTable));
      const isSame = changed.length === 0 && namers.sameTable;
      const kept = isSame ? this.#newest : undefined;
      const generation = kept ?? (await this.#generation({ ...config, routers: changed }, namers, scope));
      const made = new Map(changed.map((router) => [router, generation.root.interpreterFor(router)]));
      const opened: string[] = [];
      for (const [router, interpreter] of made) {
        const key = keys.of(router);
        if (this.#slots.has(key)) continue;
        opened.push(key);
        this.#slots.set(key, { router, interpreter: this.#switched(interpreter), generation });
      }
      return {
        namers: namers.namers,
        commit: () => this.#commit(config, keys, namers, generation, made),
        cancel: async () => {
          for (const key of opened) this.#slots.delete(key);
          await scope.close();
          await namers.cancel();
        },
      };
    } catch (error) {
      await scope.close();
      await namers.cancel();
      throw error;
    }
  }

  #isChanged(router: RouterConfig, key: string, sameTable: boolean): boolean {
    const slot = this.#slots.get(key);
    return slot === undefined || !sameTable || !isBoundAlike(slot.router, router);
  }

  async #generation(config: Config, namers: PreparedNamers, scope: Scope): Promise<Generation> {
    const root = await openNaming(config, this.#world, scope, this.#memory, (use) => namers.of(use), this.#overlays);
    return { root, scope };
  }

  #switched(interpreter: Interpreter): SwitchedInterpreter {
    return new SwitchedInterpreter(interpreter, this.#world.clock);
  }

  #commit(
    config: Config,
    keys: StackKeys,
    namers: PreparedNamers,
    generation: Generation,
    made: ReadonlyMap<RouterConfig, Interpreter>,
  ): { close(): Promise<void> } {
    const before = this.#generations();
    this.#newest = generation;
    for (const [router, next] of made) {
      const key = keys.of(router);
      const slot = this.#slots.get(key);
      if (slot === undefined || slot.generation === generation) continue;
      slot.interpreter.use(next);
      this.#slots.set(key, { router, interpreter: slot.interpreter, generation });
    }
    const replaced = namers.commit();
    const current = new Set(config.routers.map((router) => keys.of(router)));
    const left = [...this.#slots.keys()].filter((key) => !current.has(key));
    return {
      close: async () => {
        for (const key of left) this.#slots.delete(key);
        const used = this.#generations();
        for (const each of before) if (!used.has(each)) await each.scope.close();
        await replaced.close();
      },
    };
  }

  #generations(): ReadonlySet<Generation> {
    const used = [...this.#slots.values()].map((slot) => slot.generation);
    return new Set(this.#newest === undefined ? used : [...used, this.#newest]);
  }

  #believe(by: (root: NamingRoot) => boolean): boolean {
    let wasHeld = false;
    for (const { root } of this.#generations()) wasHeld = by(root) || wasHeld;
    return wasHeld;
  }
}

/** By what stands at the same place in the file too, for people who ask for the line of a rule. */
function isBoundAlike(one: RouterConfig, other: RouterConfig): boolean {
  if (one.dtab.show !== other.dtab.show || !meansTheSame(interpreterOf(one), interpreterOf(other))) return false;
  return one.dtabPlaces.equals(other.dtabPlaces);
}

class GoneInterpreter implements Interpreter {
  readonly #gone: Var<never>;

  constructor(key: string) {
    this.#gone = Var.source<never>((set) => {
      set(failed(new Error(`the router ${key} is not configured any more`)));
      return { [Symbol.dispose]: () => undefined };
    });
  }

  bind(): Var<never> {
    return this.#gone;
  }

  delegate(): Var<never> {
    return this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing was opened.
  }
}
