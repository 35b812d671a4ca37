import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { ok, pending, type State, Var } from "../../../src/base/var.ts";
import type { Delegation } from "../../../src/naming/delegation.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import type { Interpreter } from "../../../src/naming/interpreter.ts";
import { leaf, type NameTree, showTree } from "../../../src/naming/name-tree.ts";
import type { Bound, WatchView } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { SwitchedInterpreter } from "../../../src/naming/switched-interpreter.ts";
import { FakeClock } from "../../../src/testing/index.ts";
import { now } from "../../fakes/naming-fixture.ts";

const addresses = Var.of(AddressSet.empty);
const bound = (id: string): NameTree<Bound> =>
  leaf({ kind: "bound", id: Path.read(id), addresses, residual: Path.empty });

/** Binds every name to what it is told, and counts who observes. */
class Told implements Interpreter {
  observers = 0;
  #set: ((state: State<NameTree<Bound>>) => void) | undefined;
  readonly #tree = Var.source<NameTree<Bound>>((set) => {
    this.observers++;
    this.#set = set;
    return { [Symbol.dispose]: () => void this.observers-- };
  });
  bind(): Var<NameTree<Bound>> {
    return this.#tree;
  }
  delegate(): Var<Delegation> {
    throw new Error("not asked here");
  }
  tell(id: string): void {
    this.#set?.(ok(bound(id)));
  }
  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open.
  }
}

function observed(switched: SwitchedInterpreter): { readonly seen: string[]; readonly end: Disposable } {
  const seen: string[] = [];
  const end = switched.bind(Dtab.empty, Path.read("/svc/x")).observe((state) => {
    if (state.tag === "ok") seen.push(showTree(state.value, ({ id }) => id.show));
  });
  return { seen, end };
}

test("a name keeps what it was bound to until the newest interpreter knows it", () => {
  const [first, next] = [new Told(), new Told()];
  const switched = new SwitchedInterpreter(first, new FakeClock());
  const { seen, end } = observed(switched);
  first.tell("/a");
  switched.use(next);
  assert.deepEqual(seen, ["/a"]);
  assert.deepEqual([first.observers, next.observers], [1, 1]);
  next.tell("/b");
  assert.deepEqual(seen, ["/a", "/b"]);
  assert.deepEqual([first.observers, next.observers], [0, 1]);
  end[Symbol.dispose]();
  assert.equal(next.observers, 0);
});

test("a name that is bound as before is not told again", () => {
  const [first, next] = [new Told(), new Told()];
  const switched = new SwitchedInterpreter(first, new FakeClock());
  const { seen, end } = observed(switched);
  first.tell("/a");
  switched.use(next);
  next.tell("/a");
  assert.deepEqual(seen, ["/a"]);
  end[Symbol.dispose]();
});

test("whoever comes later is bound by the newest alone, and whoever has left by none", () => {
  const [first, next] = [new Told(), new Told()];
  const switched = new SwitchedInterpreter(first, new FakeClock());
  observed(switched).end[Symbol.dispose]();
  switched.use(next);
  assert.deepEqual([first.observers, next.observers], [0, 0]);
  const { end } = observed(switched);
  assert.deepEqual([first.observers, next.observers], [0, 1]);
  end[Symbol.dispose]();
});

/** Explains every name by one message, and follows a dtab of its own. */
class Explaining extends Told {
  readonly released: string[] = [];
  readonly #says: string;
  constructor(says: string) {
    super();
    this.#says = says;
  }
  override delegate(): Var<Delegation> {
    return Var.of(this.#explained(this.#says));
  }
  delegateBy(dtab: Dtab): Var<Delegation> {
    return Var.of(this.#explained(`${this.#says} by ${dtab.show}`));
  }
  watches(): readonly WatchView[] {
    return [{ name: this.#says, state: "ok" }];
  }
  release(name: string): boolean {
    this.released.push(name);
    return true;
  }
  #explained(message: string): Delegation {
    const path = Path.read("/svc/x");
    return { path, root: { kind: "exception", path, used: true, message }, outcome: pending, steps: 0 };
  }
}

test("what is explained, followed and believed is the newest interpreter's", () => {
  const [first, next] = [new Explaining("first"), new Explaining("next")];
  const switched = new SwitchedInterpreter(first, new FakeClock());
  const said = (of: Var<Delegation> | undefined): string => {
    const state = of && now(of);
    return state?.tag === "ok" && state.value.root.kind === "exception" ? state.value.root.message : "nothing";
  };
  const path = Path.read("/svc/x");
  const heard: string[] = [];
  const following = switched.delegate(Dtab.empty, path).observe((state) => {
    if (state.tag === "ok" && state.value.root.kind === "exception") heard.push(state.value.root.message);
  });
  switched.use(next);
  assert.deepEqual(heard, ["first", "next"]);
  following[Symbol.dispose]();
  assert.equal(said(switched.delegate(Dtab.empty, path)), "next");
  assert.equal(said(switched.delegateBy(Dtab.read("/a => /b"), path)), "next by /a=>/b");
  assert.deepEqual(switched.watches(), [{ name: "next", state: "ok" }]);
  assert.equal(switched.release("/dtab", "ordered"), true);
  assert.deepEqual([first.released, next.released, switched.current], [[], ["/dtab"], next]);
});

test("an interpreter that cannot do all of it says so by nothing", () => {
  const switched = new SwitchedInterpreter(new Told(), new FakeClock());
  assert.equal(switched.delegateBy(Dtab.empty, Path.read("/svc/x")), undefined);
  assert.deepEqual([switched.watches(), switched.release("/dtab", "ordered")], [[], false]);
});
