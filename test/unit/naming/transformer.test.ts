import assert from "node:assert/strict";
import { test } from "node:test";
import { type Address, AddressSet, addressKey } from "../../../src/base/address.ts";
import { failed, ok, pending, type State, Var } from "../../../src/base/var.ts";
import { AddressTransformer } from "../../../src/naming/address-transformer.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { DtabInterpreter } from "../../../src/naming/interpreter.ts";
import { leaves, type NameTree, neg } from "../../../src/naming/name-tree.ts";
import type { NamerEntry } from "../../../src/naming/namer-table.ts";
import type { Bound, Name } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { TransformedInterpreter } from "../../../src/naming/transformed-interpreter.ts";
import { TransformedNamer } from "../../../src/naming/transformed-namer.ts";
import { type Transformer, transformTree, untransformed } from "../../../src/naming/transformer.ts";
import { ConstTransformer } from "../../../src/plugins/transformers/const.ts";
import { toPort } from "../../../src/plugins/transformers/port.ts";
import { ReplaceTransformer } from "../../../src/plugins/transformers/replace.ts";
import { bound, Dial, DialNamer, noDns, now, showState, toPath } from "../../fakes/naming-fixture.ts";

const a = toPort(Path.read("/a"), 1);
const b = toPort(Path.read("/b"), 2);
const at = (...keys: readonly string[]): AddressSet =>
  AddressSet.of(
    keys.map((key): Address => {
      const [host = "", port] = key.split(":");
      return { host, port: Number(port), weight: 1 };
    }),
  );
const keysOf = (state: State<AddressSet>): readonly string[] =>
  state.tag === "ok" ? state.value.addresses.map(addressKey) : [state.tag];

function interpreterWith(transformers: readonly Transformer[], entries: readonly NamerEntry[], dtab = "") {
  const plain = new DtabInterpreter({ dtab: Var.of(Dtab.read(dtab)), namers: entries, systemNamers: noDns });
  return new TransformedInterpreter(plain, transformers);
}

const shown = (tree: Var<NameTree<Bound>>): string => showState(now(tree));

test("each of several transformers begins the ids of the one before it, and leaves residuals alone", () => {
  const tree = Var.of(bound("/#/x", "/rest"));
  assert.equal(shown(transformTree(tree, [a, b])), "/%/b/%/a/#/x@/rest");
});

test("an id without what transformers put before it is the one that a namer gave", () => {
  assert.equal(untransformed(Path.read("/%/b/%/a/#/x/y")).show, "/#/x/y");
  assert.equal(untransformed(Path.read("/%/io.l5d.replace/$/inet/1")).show, "/$/inet/1");
  assert.equal(untransformed(Path.read("/#/x")).show, "/#/x");
  assert.equal(untransformed(Path.read("/%/nothing")).show, "/%/nothing");
});

test("a tree keeps its shape and its weights, and what is no leaf stays as it is", () => {
  const namer = new DialNamer();
  namer.dial("x").set(ok(bound("/x")));
  namer.dial("y").set(ok(bound("/y")));
  const dtab = "/s => 3 * /#/n/x & /#/n/y; /e => $; /f => !";
  const interpreter = interpreterWith([a], [{ prefix: Path.read("/n"), namer }], dtab);
  const bind = (path: string): string => shown(interpreter.bind(Dtab.empty, Path.read(path)));
  assert.equal(bind("/s/r"), "3.00*/%/a/#/n/x@/ & /%/a/#/n/y@/");
  assert.equal(bind("/e"), "$");
  assert.equal(bind("/f"), "!");
  assert.equal(bind("/unknown"), "~");
});

test("addresses move without the tree, and the same name has the same Var of addresses", () => {
  const addresses = new Dial<AddressSet>();
  addresses.set(ok(at("1.1.1.1:80")));
  const source = new Dial<NameTree<Bound>>();
  source.set(ok(bound("/#/x", "/", addresses.var)));
  const seen: State<NameTree<Bound>>[] = [];
  using _ = transformTree(source.var, [a, b]).observe((state) => seen.push(state));
  const [first] = seen;
  assert(first?.tag === "ok");
  const [leaf] = leaves(first.value);
  assert(leaf);
  const watching = leaf.addresses.observe(() => undefined);
  assert.deepEqual(keysOf(leaf.addresses.sample()), ["1.1.1.1:2"]);
  addresses.set(ok(at("1.1.1.2:80")));
  source.set(ok(bound("/#/x", "/", addresses.var)));
  assert.deepEqual(keysOf(leaf.addresses.sample()), ["1.1.1.2:2"]);
  assert.equal(seen.length, 1, "nothing of the tree has changed");
  watching[Symbol.dispose]();
});

test("staleness and holds of what was bound pass", () => {
  const addresses = new Dial<AddressSet>();
  const cause = new Error("away");
  addresses.set({ ...ok(at("1.1.1.1:80")), stale: { since: 5, cause }, held: { since: 6, until: 7, lost: 8 } });
  const [leaf] = leaves(
    (now(transformTree(Var.of(bound("/#/x", "/", addresses.var)), [a])) as { value: NameTree<Bound> }).value,
  );
  assert.deepEqual(now((leaf as Bound).addresses), {
    ...ok(at("1.1.1.1:1")),
    stale: { since: 5, cause },
    held: { since: 6, until: 7, lost: 8 },
  });
});

test("nothing is known of a whole name while a transformer does not know what becomes of a part of it", () => {
  const other = new Dial<NameTree<Bound>>();
  const replace = new ReplaceTransformer(Path.read("/r"), other.var);
  const tree = transformTree(Var.of(bound("/#/x")), [replace]);
  assert.equal(shown(tree), "pending");
  other.set(failed(new Error("away")));
  assert.equal(shown(tree), "failed: away");
  other.set(ok(bound("/$/inet/1")));
  assert.equal(shown(tree), "/%/r/$/inet/1@/");
});

test("what replaces every bound name leaves alone what is not bound; what replaces everything does not ask", () => {
  const other = Var.of(bound("/$/inet/1"));
  const replace = new ReplaceTransformer(Path.read("/r"), other);
  const constant = new ConstTransformer(Path.read("/c"), other);
  assert.equal(shown(transformTree(Var.of<NameTree<Bound>>(neg), [replace])), "~");
  assert.equal(shown(transformTree(Var.of<NameTree<Bound>>(neg), [constant])), "/%/c/$/inet/1@/");
  const never = new Dial<NameTree<Bound>>();
  assert.equal(shown(transformTree(never.var, [constant, a])), "/%/a/%/c/$/inet/1@/");
});

test("a namer's transformers stand before its own prefix, and its rewrites are not transformed", () => {
  const namer = new DialNamer();
  namer.dial("x").set(ok(bound("/x", "/rest")));
  namer.dial("w").set(ok(toPath("/$/inet/9")));
  const whole = Path.read("/#/n/m");
  const entry = { prefix: Path.read("/n/m"), namer: new TransformedNamer(namer, whole, [a, b]), hasWholeIds: true };
  const plain = interpreterWith([], [entry]);
  const bind = (path: string): string => shown(plain.bind(Dtab.empty, Path.read(path)));
  assert.equal(bind("/#/n/m/x"), "/%/b/%/a/#/n/m/x@/rest");
  assert.equal(bind("/#/n/m/w"), "/$/inet/9@/");
  namer.dial("x").set(ok(neg));
  assert.equal(bind("/#/n/m/x"), "~");
});

test("a namer that everything is replaced of is not asked", () => {
  const constant = new ConstTransformer(Path.read("/c"), Var.of(bound("/$/inet/1")));
  const namer = new DialNamer();
  const transformed = new TransformedNamer(namer, Path.read("/#/n"), [constant]);
  assert.equal(showState(now(transformed.lookup(Path.read("/x"))) as State<NameTree<Bound>>), "/%/c/$/inet/1@/");
  assert.equal(namer.dials.size, 0);
});

test("an explanation shows what each transformer was given and what it made of it, and ends where a request does", () => {
  const addresses = Var.of(at("1.1.1.1:80"));
  const namer = new DialNamer();
  namer.dial("x").set(ok(bound("/x", "/", addresses) as NameTree<Name>));
  const own = new TransformedNamer(namer, Path.read("/#/n"), [toPort(Path.read("/own"), 7)]);
  const entry = { prefix: Path.read("/n"), namer: own, hasWholeIds: true };
  const interpreter = interpreterWith([a], [entry], "/svc => /#/n");
  const state = now(interpreter.delegate(Dtab.empty, Path.read("/svc/x")));
  assert(state.tag === "ok");
  const steps: string[] = [];
  let step = state.value.root;
  for (;;) {
    if (step.kind === "transformation") steps.push(`${step.name} of ${step.bound.id.show}`);
    else if (step.kind === "leaf") steps.push(`${step.bound.id.show} at ${keysOf(step.addresses).join()}`);
    else steps.push(step.kind);
    if (step.kind !== "transformation" && step.kind !== "delegate") break;
    step = step.next;
  }
  assert.deepEqual(steps, ["delegate", "/%/own of /#/n/x", "/%/a of /%/own/#/n/x", "/%/a/%/own/#/n/x at 1.1.1.1:1"]);
  assert.equal(showState(state.value.outcome), shown(interpreter.bind(Dtab.empty, Path.read("/svc/x"))));
});

test("an address that a transformer takes away leaves a name bound, to nobody", () => {
  const none = AddressTransformer.keeping(Path.read("/none"), () => false);
  const tree = now(transformTree(Var.of(bound("/#/x", "/", Var.of(at("1.1.1.1:1")))), [none]));
  assert(tree.tag === "ok" && tree.value.tag === "leaf");
  assert.deepEqual(now(tree.value.value.addresses), ok(AddressSet.empty));
});

test("a transformed name that nobody observes keeps nothing running", () => {
  const source = new Dial<NameTree<Bound>>();
  source.set(ok(bound("/#/x")));
  now(transformTree(source.var, [a, b]));
  assert.equal(source.observed, false);
  assert.equal(now(transformTree(new Dial<NameTree<Bound>>().var, [a])), pending);
});
