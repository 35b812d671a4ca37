import assert from "node:assert/strict";
import { test } from "node:test";
import { addressKey, AddressSet } from "../../../src/base/address.ts";
import { failed, ok, Var } from "../../../src/base/var.ts";
import type { Delegation, Step } from "../../../src/naming/delegation.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { DtabInterpreter, type Interpreter } from "../../../src/naming/interpreter.ts";
import { alt, empty, fail, type NameTree, neg, union } from "../../../src/naming/name-tree.ts";
import type { Bound, WatchView } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { TransformedInterpreter } from "../../../src/naming/transformed-interpreter.ts";
import type { Transformer } from "../../../src/naming/transformer.ts";
import { ConstTransformer } from "../../../src/plugins/transformers/const.ts";
import { toPort } from "../../../src/plugins/transformers/port.ts";
import { ReplaceTransformer } from "../../../src/plugins/transformers/replace.ts";
import { bound, Dial, DialNamer, noDns, now, showState } from "../../fakes/naming-fixture.ts";

const users = Path.read("/svc/users");
const at = (port: number): Var<AddressSet> => Var.of(AddressSet.of([{ host: "1.1.1.1", port, weight: 1 }]));

/** By `/svc => /#/n`, where `/#/n/users` is one address, and nothing else is there. */
function made(transformers: readonly Transformer[], dtab = "/svc => /#/n"): TransformedInterpreter {
  const namer = new DialNamer();
  namer.dial("users").set(ok(bound("/users", "/", at(80))));
  namer.dial("other").set(ok(neg));
  const namers = [{ prefix: Path.read("/n"), namer }];
  const plain = new DtabInterpreter({ dtab: Var.of(Dtab.read(dtab)), namers, systemNamers: noDns });
  return new TransformedInterpreter(plain, transformers);
}

function explained(of: Var<Delegation>): Delegation {
  const state = now(of);
  assert(state.tag === "ok", state.tag);
  return state.value;
}

/** One line a step, by its depth. */
function lines(step: Step): string[] {
  const deeper = (steps: readonly string[]): string[] => steps.map((line) => ` ${line}`);
  switch (step.kind) {
    case "delegate":
      return ["delegate", ...deeper(lines(step.next))];
    case "transformation":
      return [`${step.name} of ${step.bound.id.show}`, ...deeper(lines(step.next))];
    case "leaf": {
      const { addresses } = step;
      const keys = addresses.tag === "ok" ? addresses.value.addresses.map(addressKey) : [addresses.tag];
      return [`${step.bound.id.show} at ${keys.join()}`];
    }
    case "alt":
      return ["alt", ...deeper(step.steps.flatMap(lines))];
    case "union":
      return ["union", ...deeper(step.steps.flatMap((each) => [`${each.weight}`, ...lines(each.step)]))];
    case "exception":
      return [step.message];
    default:
      return [step.kind];
  }
}

/** An explanation ends where a request does. */
function assertTrue(interpreter: Interpreter, path: Path): readonly string[] {
  const { root, outcome } = explained(interpreter.delegate(Dtab.empty, path));
  assert.equal(showState(outcome), showState(now(interpreter.bind(Dtab.empty, path))));
  return lines(root);
}

const replacing = (tree: NameTree<Bound>): Transformer => new ReplaceTransformer(Path.read("/r"), Var.of(tree));

test("an explanation shows every kind of tree that a transformer makes of a bound name", () => {
  const one = bound("/$/inet/1", "/", at(1));
  const two = bound("/$/inet/2", "/", at(2));
  const weighted = union<Bound>([
    { weight: 3, tree: one },
    { weight: 1, tree: two },
  ]);
  const begin = ["delegate", " /%/r of /#/n/users"];
  for (const [tree, shown] of [
    [one, ["/%/r/$/inet/1 at 1.1.1.1:1"]],
    [alt<Bound>([neg, two]), ["alt", " neg", " /%/r/$/inet/2 at 1.1.1.1:2"]],
    [weighted, ["union", " 3", " /%/r/$/inet/1 at 1.1.1.1:1", " 1", " /%/r/$/inet/2 at 1.1.1.1:2"]],
    [neg, ["neg"]],
    [empty, ["empty"]],
    [fail, ["fail"]],
  ] as const) {
    const wanted = [...begin, ...shown.map((line) => `  ${line}`)];
    assert.deepEqual(assertTrue(made([replacing(tree)]), users), wanted);
  }
});

test("an explanation says of a transformer that it has not answered yet, or why it cannot", () => {
  const other = new Dial<NameTree<Bound>>();
  const interpreter = made([new ReplaceTransformer(Path.read("/r"), other.var)]);
  assert.deepEqual(assertTrue(interpreter, users), ["delegate", " /%/r of /#/n/users", "  pending"]);
  other.set(failed(new Error("its registry is away")));
  assert.deepEqual(assertTrue(interpreter, users), ["delegate", " /%/r of /#/n/users", "  its registry is away"]);
});

test("an explanation of what is not bound stays as it is, and one with several ways goes each of them to its end", () => {
  assert.deepEqual(assertTrue(made([toPort(Path.read("/p"), 7)]), Path.read("/svc/other")), ["delegate", " neg"]);
  const both = made([toPort(Path.read("/p"), 7)], "/svc => 2 * /#/n/users & /#/n/other | /#/n/users");
  const way = ["/%/p of /#/n/users", " /%/p/#/n/users at 1.1.1.1:7"];
  const indented = (by: string): readonly string[] => way.map((line) => by + line);
  assert.deepEqual(assertTrue(both, Path.read("/svc")), [
    "alt",
    " union",
    "  2",
    ...indented("  "),
    "  1",
    "  neg",
    ...indented(" "),
  ]);
});

test("what takes the place of everything is explained by itself, whatever was asked, and whether it is known or not", () => {
  const instead = new Dial<NameTree<Bound>>();
  const interpreter = made([new ConstTransformer(Path.read("/c"), instead.var)]);
  assert.deepEqual(assertTrue(interpreter, users), ["delegate", " pending"]);
  instead.set(failed(new Error("away")));
  assert.deepEqual(assertTrue(interpreter, users), ["delegate", " away"]);
  instead.set(ok(bound("/$/inet/9", "/", at(9))));
  for (const path of [users, Path.read("/svc/other"), Path.read("/nowhere")])
    assert.deepEqual(assertTrue(interpreter, path), ["delegate", " /%/c/$/inet/9 at 1.1.1.1:9"]);
});

test("an explanation by another dtab is transformed too; there is none where the interpreter cannot give one", () => {
  const by = Dtab.read("/other => /#/n/users");
  const { root } = explained(made([toPort(Path.read("/p"), 7)]).delegateBy(by, Path.read("/other")) as Var<Delegation>);
  assert.deepEqual(lines(root), ["delegate", " /%/p of /#/n/users", "  /%/p/#/n/users at 1.1.1.1:7"]);
  assert.equal(new TransformedInterpreter(new Plain(), []).delegateBy(by, users), undefined);
});

/** Follows a dtab by a name of its own; the least of an interpreter follows nothing. */
class Plain implements Interpreter {
  isClosed = false;
  bind(): Var<NameTree<Bound>> {
    return Var.of(neg);
  }
  delegate(): never {
    throw new Error("not asked here");
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
  }
}

class Following extends Plain {
  readonly ordered: string[] = [];
  watches(): readonly WatchView[] {
    return [{ name: "/dtab", state: "held" }];
  }
  release(name: string, why: "ordered" | "unreachable"): boolean {
    this.ordered.push(`${name} ${why}`);
    return name === "/dtab";
  }
}

test("what the interpreter follows is shown, believed by an order, and closed with it", async () => {
  const following = new Following();
  const transformed = new TransformedInterpreter(following, []);
  assert.deepEqual(transformed.watches(), [{ name: "/dtab", state: "held" }]);
  assert.deepEqual([transformed.release("/dtab", "ordered"), transformed.release("/x", "unreachable")], [true, false]);
  assert.deepEqual(following.ordered, ["/dtab ordered", "/x unreachable"]);
  await transformed[Symbol.asyncDispose]();
  assert.equal(following.isClosed, true);
  const nothing = new TransformedInterpreter(new Plain(), []);
  assert.deepEqual([nothing.watches(), nothing.release("/dtab", "ordered")], [[], false]);
});
