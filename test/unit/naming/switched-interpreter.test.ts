import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { ok, type State, Var } from "../../../src/base/var.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import type { Interpreter } from "../../../src/naming/interpreter.ts";
import { leaf, type NameTree, showTree } from "../../../src/naming/name-tree.ts";
import type { Bound } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { SwitchedInterpreter } from "../../../src/naming/switched-interpreter.ts";
import { FakeClock } from "../../../src/testing/index.ts";

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
  delegate(): never {
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
