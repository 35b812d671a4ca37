/** The dtab interpreter: a name follows its dtab and its namers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok, type State, Var } from "../../../src/base/var.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { sameTree } from "../../../src/naming/interpreter.ts";
import { empty, leaves, type NameTree, neg } from "../../../src/naming/name-tree.ts";
import type { Bound } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { bindNow, bound, Dial, DialNamer, interpreter, now, showState } from "../../fakes/naming-fixture.ts";

function follow(source: Var<NameTree<Bound>>): { seen: string[]; last: () => State<NameTree<Bound>> } & Disposable {
  const states: State<NameTree<Bound>>[] = [];
  const seen: string[] = [];
  const watching = source.observe((state) => {
    states.push(state);
    seen.push(showState(state));
  });
  return {
    seen,
    last: () => states.at(-1) as State<NameTree<Bound>>,
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  };
}

test("of overlapping prefixes the later one in the list is asked first, the other when it says no", () => {
  const [short, long] = [new DialNamer(), new DialNamer()];
  short.dial("urns").set(ok(bound("/urns")));
  short.dial("x").set(ok(bound("/x", "/rest")));
  long.dial("x").set(ok(neg));
  const boo = { prefix: Path.read("/boo"), namer: short };
  const urns = { prefix: Path.read("/boo/urns"), namer: long };
  assert.equal(bindNow("", "/#/boo/urns", [urns, boo]), "/#/boo/urns@/");
  assert.equal(bindNow("", "/#/boo/x", [boo, { prefix: Path.read("/boo"), namer: long }]), "/#/boo/x@/rest");
});

test("a local dtab is laid over the base", () => {
  const both = interpreter("/svc => /$/inet/1");
  const over = (local: string): string => showState(now(both.bind(Dtab.read(local), Path.read("/svc/x"))));
  assert.equal(over("/svc => /$/inet/2"), "/$/inet/2@/x");
  assert.equal(over("/svc/x => ~"), "/$/inet/1@/x");
  assert.equal(over("/svc/x => !"), "!");
});

test("a name follows its dtab: pending with it, moved by it, stale with it", () => {
  const dtab = new Dial<Dtab>();
  using name = follow(interpreter(dtab.var).bind(Dtab.read("/foo=>/bar"), Path.read("/foo/fah")));
  assert.deepEqual(name.seen, ["pending"]);
  dtab.set(ok(Dtab.empty));
  dtab.set(ok(Dtab.read("/bar=>/$/inet/1")));
  dtab.set(ok(Dtab.read("/x=>/y;/bar=>/$/inet/1")));
  assert.deepEqual(name.seen, ["pending", "~", "/$/inet/1@/fah"]);
  dtab.set(failed(new Error("store is down")));
  const last = name.last();
  assert(last.tag === "ok" && last.stale?.cause.message === "store is down");
});

test("a name follows its namers, and watches only those that it came to", () => {
  const namer = new DialNamer();
  const made = interpreter("/a => /#/n/one | /#/n/two", [{ prefix: Path.of("n"), namer }]);
  const name = follow(made.bind(Dtab.empty, Path.read("/a")));
  assert(namer.dial("one").observed && !namer.dial("two").observed);
  namer.dial("one").set(ok(neg));
  assert(namer.dial("two").observed);
  namer.dial("two").set(ok(bound("/two")));
  namer.dial("one").set(ok(bound("/one")));
  assert(!namer.dial("two").observed);
  namer.dial("one").set(ok(empty));
  assert.deepEqual(name.seen, ["pending", "/#/n/two@/", "/#/n/one@/", "$"]);
  name[Symbol.dispose]();
  assert(!namer.dial("one").observed);
});

test("while what a name moved to is pending, the old tree serves", () => {
  const namer = new DialNamer();
  const dtab = new Dial<Dtab>();
  namer.dial("old").set(ok(bound("/old")));
  dtab.set(ok(Dtab.read("/a=>/#/n/old")));
  using name = follow(interpreter(dtab.var, [{ prefix: Path.of("n"), namer }]).bind(Dtab.empty, Path.read("/a")));
  dtab.set(ok(Dtab.read("/a=>/#/n/new")));
  assert.equal(showState(name.last()), "/#/n/old@/");
  namer.dial("new").set(ok(bound("/new")));
  assert.deepEqual(name.seen, ["/#/n/old@/", "/#/n/new@/"]);
});

test("staleness of anything that was asked is visible in the name, and clears", () => {
  const namer = new DialNamer();
  namer.dial("no").set(ok(neg));
  const made = interpreter("/a => /#/n/no | /$/inet/1", [{ prefix: Path.of("n"), namer }]);
  using name = follow(made.bind(Dtab.empty, Path.read("/a")));
  namer.dial("no").set(failed(new Error("lost")));
  let last = name.last();
  assert(last.tag === "ok" && last.stale?.cause.message === "lost");
  namer.dial("no").set(ok(neg));
  last = name.last();
  assert(last.tag === "ok" && last.stale === undefined);
});

test("one id has one addresses Var, whichever names lead to it", () => {
  const namer = new DialNamer();
  namer.dial("one").set(ok(bound("/svc", "/1", Var.of(AddressSet.empty))));
  namer.dial("two").set(ok(bound("/svc", "/2", Var.of(AddressSet.empty))));
  const made = interpreter("/a => /#/n/one; /b => /#/n/two", [{ prefix: Path.of("n"), namer }]);
  using a = follow(made.bind(Dtab.empty, Path.read("/a")));
  using b = follow(made.bind(Dtab.empty, Path.read("/b")));
  const only = (state: State<NameTree<Bound>>): Bound => leaves(state.tag === "ok" ? state.value : neg)[0] as Bound;
  assert.equal(only(a.last()).addresses, only(b.last()).addresses);
  assert.deepEqual([only(a.last()).id.show, only(a.last()).residual.show], ["/#/n/svc", "/1"]);
});

test("what a namer throws is a failed name", () => {
  const broken = new DialNamer();
  broken.lookup = () => {
    throw new Error("a defect");
  };
  assert.equal(bindNow("", "/#/n/x", [{ prefix: Path.of("n"), namer: broken }]), "failed: a defect");
});

test("trees are the same when they say the same of the same services", () => {
  const addresses = Var.of(AddressSet.empty);
  assert(sameTree(bound("/a", "/r", addresses), bound("/a", "/r", addresses)));
  assert(!sameTree(bound("/a", "/r", addresses), bound("/a", "/s", addresses)));
  assert(!sameTree(bound("/a", "/r", addresses), bound("/a", "/r")));
});

test("closing an interpreter closes nothing that it was given", async () => {
  const namer = new DialNamer();
  namer.dial("x");
  await interpreter("", [{ prefix: Path.of("n"), namer }])[Symbol.asyncDispose]();
  assert.equal(namer.dials.size, 1);
});
