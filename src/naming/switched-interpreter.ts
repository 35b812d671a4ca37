/** The interpreter of a router that may be given another one while its names are in use. */
import { Follower } from "../base/follower.ts";
import { deliver, FunctionObserver, type Observed, type Observer } from "../base/observer.ts";
import type { Clock } from "../base/time.ts";
import { ok, type State, Var } from "../base/var.ts";
import type { Delegation } from "./delegation.ts";
import type { Dtab } from "./dtab.ts";
import { type Interpreter, sameTree } from "./interpreter.ts";
import type { NameTree } from "./name-tree.ts";
import type { Bound, WatchView } from "./namer.ts";
import type { Path } from "./path.ts";

/** What a name is bound to stays until the newest interpreter knows it. It owns none of those that it was given. */
export class SwitchedInterpreter implements Interpreter {
  readonly #newest: Newest;
  readonly #clock: Clock;

  constructor(first: Interpreter, clock: Clock) {
    this.#newest = new Newest(first);
    this.#clock = clock;
  }

  get current(): Interpreter {
    return this.#newest.current;
  }

  use(next: Interpreter): void {
    this.#newest.use(next);
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    return Var.source(
      (set) => new Follower(this.#newest, (interpreter) => interpreter.bind(local, path), this.#clock, set),
      { equals: sameTree, clock: this.#clock },
    );
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    const choose = (interpreter: Interpreter): Var<Delegation> => interpreter.delegate(local, path);
    return Var.source((set) => new Follower(this.#newest, choose, this.#clock, set), { clock: this.#clock });
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

/** No Var: tens of thousands of names observe it, and each that comes or goes must cost the same. */
class Newest implements Pick<Var<Interpreter>, "observe">, Observed<Interpreter> {
  current: Interpreter;
  readonly #observers = new Set<Observer<Interpreter>>();

  constructor(first: Interpreter) {
    this.current = first;
  }

  observe(hear: (state: State<Interpreter>) => void): Disposable {
    const observer = new FunctionObserver(hear);
    this.join(observer);
    return observer;
  }

  join(observer: Observer<Interpreter>): void {
    observer.of = this;
    this.#observers.add(observer);
    deliver(observer, ok(this.current));
  }

  leave(observer: Observer<Interpreter>): void {
    this.#observers.delete(observer);
  }

  use(next: Interpreter): void {
    this.current = next;
    const state = ok(next);
    for (const observer of Array.from(this.#observers)) deliver(observer, state);
  }
}
