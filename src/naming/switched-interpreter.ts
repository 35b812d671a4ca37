/** The interpreter of a router that may be given another one while its names are in use. */
import { Machine } from "../base/cell.ts";
import { Follower, type FollowerHost } from "../base/follower.ts";
import { deliver, FunctionObserver, type Observed, type Observer } from "../base/observer.ts";
import type { Clock } from "../base/time.ts";
import { type Ok, ok, type State, type Var, type VarOptions } from "../base/var.ts";
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
    return new SwitchedName(local, path, this.#newest, { equals: sameTree, clock: this.#clock });
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    return new SwitchedExplanation(local, path, this.#newest, { clock: this.#clock });
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

/** What the newest interpreter says of a name. There is one for each route, so it keeps little. */
abstract class Switched<T> extends Machine<T> implements FollowerHost<Interpreter, T> {
  protected readonly local: Dtab;
  protected readonly path: Path;
  readonly #newest: Newest;

  constructor(local: Dtab, path: Path, newest: Newest, options: VarOptions<T>) {
    super(options);
    this.local = local;
    this.path = path;
    this.#newest = newest;
  }

  abstract choose(interpreter: Interpreter): Var<T>;

  followed(state: State<T>): void {
    this.say(state);
  }

  protected start(): Disposable {
    return new Follower(this.#newest, this, this.clock);
  }
}

class SwitchedName extends Switched<NameTree<Bound>> {
  choose(interpreter: Interpreter): Var<NameTree<Bound>> {
    return interpreter.bind(this.local, this.path);
  }
}

class SwitchedExplanation extends Switched<Delegation> {
  choose(interpreter: Interpreter): Var<Delegation> {
    return interpreter.delegate(this.local, this.path);
  }
}

/** No Var: tens of thousands of names observe it, and each that comes or goes must cost the same. */
class Newest implements Pick<Var<Interpreter>, "observe">, Observed<Interpreter> {
  /** One object for all who observe. */
  #state: Ok<Interpreter>;
  readonly #observers = new Set<Observer<Interpreter>>();

  constructor(first: Interpreter) {
    this.#state = ok(first);
  }

  get current(): Interpreter {
    return this.#state.value;
  }

  observe(hear: (state: State<Interpreter>) => void): Disposable {
    const observer = new FunctionObserver(hear);
    this.join(observer);
    return observer;
  }

  join(observer: Observer<Interpreter>): void {
    observer.of = this;
    this.#observers.add(observer);
    deliver(observer, this.#state);
  }

  leave(observer: Observer<Interpreter>): void {
    this.#observers.delete(observer);
  }

  use(next: Interpreter): void {
    const state = ok(next);
    this.#state = state;
    for (const observer of Array.from(this.#observers)) deliver(observer, state);
  }
}
