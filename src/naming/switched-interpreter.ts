/** The interpreter of a router that may be given another one while its names are in use. */
import { Observing } from "../base/cell.ts";
import { joinAs, moveTo, Observer } from "../base/observer.ts";
import type { Clock } from "../base/time.ts";
import type { Stale, State, Var, VarOptions } from "../base/var.ts";
import type { Delegation } from "./delegation.ts";
import type { Dtab } from "./dtab.ts";
import { type Interpreter, sameTree } from "./interpreter.ts";
import type { NameTree } from "./name-tree.ts";
import type { Bound, WatchView } from "./namer.ts";
import type { Path } from "./path.ts";

/** What a name is bound to stays until the newest interpreter knows it. It owns none of those that it was given. */
export class SwitchedInterpreter implements Interpreter {
  readonly #home: SwitchedHome;

  constructor(first: Interpreter, clock: Clock) {
    this.#home = { current: first, names: new Set(), byTree: { equals: sameTree, clock }, plain: { clock } };
  }

  get current(): Interpreter {
    return this.#home.current;
  }

  use(next: Interpreter): void {
    const { names } = this.#home;
    this.#home.current = next;
    for (const name of Array.from(names)) if (names.has(name)) name.use(next);
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    return new SwitchedName(local, path, this.#home);
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    return new SwitchedExplanation(local, path, this.#home);
  }

  delegateBy(dtab: Dtab, path: Path): Var<Delegation> | undefined {
    return this.current.delegateBy?.(dtab, path);
  }

  watches(): readonly WatchView[] {
    return this.current.watches?.() ?? [];
  }

  release(name: string, why: "ordered" | "unreachable"): boolean {
    return this.current.release?.(name, why) ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Everything that runs here runs for an observer, and ends with it.
  }
}

interface SwitchedHome {
  current: Interpreter;
  /** Those that are observed. */
  readonly names: Set<{ use(next: Interpreter): void }>;
  readonly byTree: VarOptions<NameTree<Bound>>;
  readonly plain: VarOptions<Delegation>;
}

/**
 * What the newest interpreter says of a name: it observes that one alone, but for a change of interpreters. There is one
 * for each route, so it keeps little.
 */
abstract class Switched<T> extends Observing<T, T> {
  protected readonly local: Dtab;
  protected readonly path: Path;
  readonly #home: SwitchedHome;
  #serving: Var<T> | undefined;
  /** Of the newest interpreter, until that knows the name. */
  #coming: Coming<T> | undefined;

  constructor(local: Dtab, path: Path, home: SwitchedHome, options: VarOptions<T>) {
    super(options);
    this.local = local;
    this.path = path;
    this.#home = home;
  }

  protected abstract choose(interpreter: Interpreter): Var<T>;

  use(next: Interpreter): void {
    const before = this.#coming;
    const chosen = this.choose(next);
    if (this.sample().tag !== "ok") return this.#serveBy(chosen);
    const coming = new Coming(chosen, this, this.clock);
    this.#coming = coming;
    joinAs(chosen, coming);
    before?.[Symbol.dispose]();
  }

  /** Of the one that serves. */
  hear(state: State<T>): void {
    const stale = this.#coming?.stale;
    this.say(stale && state.tag === "ok" ? { ...state, stale } : state);
  }

  /** What comes knows the name. */
  arrived(coming: Coming<T>): void {
    if (coming !== this.#coming) return;
    this.#coming = undefined;
    this.#serveBy(coming.var);
    coming[Symbol.dispose]();
  }

  /** What comes cannot say what the name is: what serves goes on, stale. */
  delayed(coming: Coming<T>): void {
    if (coming === this.#coming) this.hear(this.sample());
  }

  protected start(): Disposable {
    this.#home.names.add(this);
    this.#serving = this.choose(this.#home.current);
    return this.listenTo(this.#serving);
  }

  /** The Machine ends its source. */
  override [Symbol.dispose](): void {
    this.#home.names.delete(this);
    this.#coming?.[Symbol.dispose]();
    this.#coming = undefined;
    super[Symbol.dispose]();
  }

  #serveBy(next: Var<T>): void {
    const before = this.#serving;
    this.#serving = next;
    moveTo(next, this, before);
  }
}

/** A name by the newest interpreter, while the name is served as an earlier one bound it. */
class Coming<T> extends Observer<T> {
  readonly var: Var<T>;
  /** Since when it has failed, and why. */
  stale: Stale | undefined;
  readonly #name: Switched<T>;
  readonly #clock: Clock;

  constructor(of: Var<T>, name: Switched<T>, clock: Clock) {
    super();
    this.var = of;
    this.#name = name;
    this.#clock = clock;
  }

  hear(state: State<T>): void {
    if (state.tag === "ok") return this.#name.arrived(this);
    if (state.tag === "pending") return;
    this.stale = { since: this.stale?.since ?? this.#clock.wall(), cause: state.cause };
    this.#name.delayed(this);
  }
}

class SwitchedName extends Switched<NameTree<Bound>> {
  constructor(local: Dtab, path: Path, home: SwitchedHome) {
    super(local, path, home, home.byTree);
  }

  protected choose(interpreter: Interpreter): Var<NameTree<Bound>> {
    return interpreter.bind(this.local, this.path);
  }
}

class SwitchedExplanation extends Switched<Delegation> {
  constructor(local: Dtab, path: Path, home: SwitchedHome) {
    super(local, path, home, home.plain);
  }

  protected choose(interpreter: Interpreter): Var<Delegation> {
    return interpreter.delegate(this.local, this.path);
  }
}
