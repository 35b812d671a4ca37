/** Laws of transformers: ids can be looked up again, and an explanation ends where a request does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { usedLeaves } from "../../src/naming/delegation.ts";
import { type Address, AddressSet } from "../../src/base/address.ts";
import { Var } from "../../src/base/var.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { DtabInterpreter } from "../../src/naming/interpreter.ts";
import { leaf, leaves, type NameTree, neg } from "../../src/naming/name-tree.ts";
import type { Name, Namer } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { TransformedInterpreter } from "../../src/naming/transformed-interpreter.ts";
import { TransformedNamer } from "../../src/naming/transformed-namer.ts";
import { type Transformer, untransformed } from "../../src/naming/transformer.ts";
import { toLocalhost } from "../../src/plugins/transformers/localhost.ts";
import { toPort } from "../../src/plugins/transformers/port.ts";
import { toHost } from "../../src/plugins/transformers/specific-host.ts";
import { noDns, now, showBound, showState } from "../fakes/naming-fixture.ts";

const address = (host: string): Address => ({ host, port: 80, weight: 1 });
const users = Var.of(AddressSet.of([address("10.0.0.1"), address("10.0.0.2")]));

/** Binds its first element, if that is one of these. */
class LettersNamer implements Namer {
  lookup(path: Path): Var<NameTree<Name>> {
    const [first = ""] = path.elems;
    if (!["a", "b"].includes(first)) return Var.of<NameTree<Name>>(neg);
    return Var.of<NameTree<Name>>(leaf({ kind: "bound", id: path.take(1), addresses: users, residual: path.drop(1) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}

const prefix = fc.constantFrom("/p", "/p/q", "/io.l5d.port/1").map((text) => Path.read(text));
const transformer: fc.Arbitrary<Transformer> = fc.oneof(
  fc.tuple(prefix, fc.integer({ min: 1, max: 65_535 })).map(([name, port]) => toPort(name, port)),
  prefix.map((name) => toHost(name, ["10.0.0.1"])),
  prefix.map((name) => toLocalhost(name, () => new Set(["10.0.0.2"]))),
);
const some = fc.array(transformer, { maxLength: 3 });
const destination = fc.constantFrom("/#/n/a", "/#/n/b", "/#/n/none", "/$/inet/1", "/t", "~", "$", "!");
const tree = fc
  .tuple(destination, fc.constantFrom(" | ", " & 2 * "), destination)
  .map(([first, operator, second]) => `${first}${operator}${second}`);
const dtab = fc.tuple(tree, tree).map(([svc, t]) => `/svc => ${svc}; /t => ${t}`);

function open(rules: string, ofNamer: readonly Transformer[], ofInterpreter: readonly Transformer[]) {
  const whole = Path.read("/#/n");
  const namer = new TransformedNamer(new LettersNamer(), whole, ofNamer);
  const entry = { prefix: Path.read("/n"), namer, hasWholeIds: true };
  const plain = new DtabInterpreter({ dtab: Var.of(Dtab.read(rules)), namers: [entry], systemNamers: noDns });
  return new TransformedInterpreter(plain, ofInterpreter);
}

test("an id without what transformers put before it binds to that same id again", () => {
  fc.assert(
    fc.property(dtab, some, some, (rules, ofNamer, ofInterpreter) => {
      const interpreter = open(rules, ofNamer, ofInterpreter);
      const state = now(interpreter.bind(Dtab.empty, Path.read("/svc/x")));
      for (const { id } of state.tag === "ok" ? leaves(state.value) : []) {
        const again = now(interpreter.bind(Dtab.empty, untransformed(id)));
        assert(again.tag === "ok");
        assert.deepEqual(
          leaves(again.value).map((bound) => bound.id.show),
          [id.show],
        );
      }
    }),
  );
});

test("what an explanation ends at is what a request gets, whatever transforms it", () => {
  fc.assert(
    fc.property(dtab, some, some, (rules, ofNamer, ofInterpreter) => {
      const interpreter = open(rules, ofNamer, ofInterpreter);
      const path = Path.read("/svc/x");
      const bound = now(interpreter.bind(Dtab.empty, path));
      const explained = now(interpreter.delegate(Dtab.empty, path));
      assert(explained.tag === "ok");
      assert.equal(showState(explained.value.outcome), showState(bound));
      if (bound.tag !== "ok" || leaves(bound.value).length === 0) return;
      const wanted = new Set(leaves(bound.value).map(showBound));
      const seen = new Set(usedLeaves(explained.value.root).map(showBound));
      for (const each of wanted) assert(seen.has(each), `${each} is not among the used steps`);
    }),
  );
});

test("transformers change no shape, no weight and no residual of a tree", () => {
  fc.assert(
    fc.property(dtab, some, (rules, transformers) => {
      const path = Path.read("/svc/x");
      const plain = showState(now(open(rules, [], []).bind(Dtab.empty, path)));
      const transformed = showState(now(open(rules, [], transformers).bind(Dtab.empty, path)));
      assert.equal(transformed.replaceAll(/(?:\/%(?:\/p\/q|\/p|\/io\.l5d\.port\/1))+/g, ""), plain);
    }),
  );
});
