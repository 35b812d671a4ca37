/** Laws of naming: reading and showing, simplifying, binding against a naive model, explaining. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { usedLeaves } from "../../src/naming/delegation.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import {
  alt,
  leaf,
  leaves,
  type NameTree,
  neg,
  showTree,
  simplify,
  treeEquals,
  union,
} from "../../src/naming/name-tree.ts";
import { readTree } from "../../src/naming/parser.ts";
import { Path } from "../../src/naming/path.ts";
import { explainNow, interpreter, now, showBound, showState } from "../fakes/naming-fixture.ts";

const samePath = (a: Path, b: Path): boolean => a.equals(b);
const constants: fc.Arbitrary<NameTree<never>> = fc
  .constantFrom(...(["~", "$", "!"] as const))
  .map((text) => readTree(text) as NameTree<never>);
const weight = fc.oneof(fc.constantFrom(0, 1, 0.5, 2, 0.001), fc.double({ min: 0, max: 1e30, noNaN: true }));

function trees<T>(value: fc.Arbitrary<T>): fc.Arbitrary<NameTree<T>> {
  return fc.letrec<{ tree: NameTree<T> }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 4, arbitrary: value.map(leaf) },
      constants,
      fc.array(tie("tree"), { maxLength: 3 }).map((each) => alt(each)),
      fc.array(fc.record({ weight, tree: tie("tree") }), { maxLength: 3 }).map((each) => union(each)),
    ),
  })).tree;
}

const anyPath = fc
  .array(fc.string({ unit: "binary", minLength: 1, maxLength: 4 }), { maxLength: 4 })
  .map((elems) => Path.from(elems));
const label = fc.constantFrom("a", "b", "c");
const smallPath = fc.array(label, { maxLength: 3 }).map((elems) => Path.from(elems));
const dst = fc.oneof(
  { weight: 3, arbitrary: fc.array(label, { minLength: 1, maxLength: 2 }).map((elems) => Path.from(elems)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("/$/inet/1", "/$/inet/2", "/$/nil", "/$/fail").map((text) => Path.read(text)),
  },
);
const dtabs = fc
  .array(fc.tuple(fc.array(fc.constantFrom("a", "b", "c", "*"), { minLength: 1, maxLength: 2 }), trees(dst)), {
    maxLength: 6,
  })
  .map((dentries) => dentries.map(([prefix, tree]) => `/${prefix.join("/")}=>${showTree(tree)}`).join(";"));

/** Lists of none and of one are not kept by a text. */
function collapse<T>(tree: NameTree<T>): NameTree<T> {
  if (tree.tag === "alt") {
    const each = tree.trees.map(collapse);
    return each.length > 1 ? alt(each) : (each[0] ?? neg);
  }
  if (tree.tag !== "union") return tree;
  const each = tree.branches.map((branch) => ({ weight: branch.weight, tree: collapse(branch.tree) }));
  return each.length > 1 ? union(each) : (each[0]?.tree ?? neg);
}

test("a path reads back from its text", () => {
  fc.assert(fc.property(anyPath, (path) => assert(Path.read(path.show).equals(path))));
});

test("a tree reads back from its text, its lists of one collapsed, with the same weights", () => {
  fc.assert(
    fc.property(trees(anyPath), (tree) => assert(treeEquals(readTree(showTree(tree)), collapse(tree), samePath))),
  );
});

test("simplify is a fixpoint", () => {
  fc.assert(
    fc.property(trees(smallPath), (tree) => {
      const once = simplify(tree);
      assert(treeEquals(simplify(once), once, samePath));
    }),
  );
});

test("no text makes the parser do anything but answer or say where it is wrong", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."/ab*=>;|&()~$!#\\x6 .5\n"), maxLength: 30 }), (text) => {
      try {
        Dtab.read(text);
      } catch (error) {
        assert.equal((error as Error).name, "ParseError");
      }
    }),
  );
});

class TooMuch extends Error {}

/** Binding as the rules say it, without regard to cost: the tree as text, or what ended it. */
function model(dtab: Dtab, path: Path): string {
  let steps = 0;
  const visit = (tree: NameTree<Path>, depth: number): NameTree<string> | Error => {
    if (depth > 100) return new Error("deep");
    if (++steps > 3_000) throw new TooMuch();
    if (tree.tag === "leaf") return lookup(tree.value, depth);
    if (tree.tag === "alt") {
      for (const each of tree.trees) {
        const result = visit(each, depth);
        if (result instanceof Error || result.tag !== "neg") return result;
      }
      return neg;
    }
    if (tree.tag !== "union") return tree;
    const results = tree.branches.map((branch) => ({ weight: branch.weight, tree: visit(branch.tree, depth) }));
    const good = results.flatMap(({ weight, tree: each }) =>
      each instanceof Error || each.tag === "neg" || each.tag === "fail" ? [] : [{ weight, tree: each }],
    );
    const split = collapse(union(good));
    return split.tag === "neg"
      ? (results.map((each) => each.tree).find((each) => each instanceof Error) ?? neg)
      : split;
  };
  const lookup = (at: Path, depth: number): NameTree<string> | Error => {
    if (depth + 1 > 100) return new Error("deep");
    const found = dtab.lookup(at);
    if (found.tag !== "neg") return visit(found, depth + 1);
    const [first, kind, port] = at.elems;
    if (first !== "$") return neg;
    if (kind === "nil" || kind === "fail") return readTree(kind === "nil" ? "$" : "!") as NameTree<never>;
    return leaf(`/$/inet/${port}@${at.drop(3).show}`);
  };
  const result = visit(leaf(path), 0);
  return result instanceof Error ? "failed" : showTree(result);
}

const bound = (dtab: string, path: Path): string => {
  const state = now(interpreter(dtab).bind(Dtab.empty, path));
  return state.tag === "failed" ? "failed" : showState(state);
};

test("what binds is what a naive walk over the rules gives", () => {
  fc.assert(
    fc.property(dtabs, smallPath, (dtab, path) => {
      let expected: string;
      try {
        expected = model(Dtab.read(dtab), path);
      } catch (error) {
        return fc.pre(!(error instanceof TooMuch || error instanceof RangeError));
      }
      return assert.equal(bound(dtab, path), expected);
    }),
    { numRuns: 500 },
  );
});

// `~ & /x` where `/x` binds to `!` is `~`, and `/x` alone is `!`: a split leaves out what fails, one name cannot.
test("simplifying what a rule says does not change what binds, where no name binds to fail", () => {
  fc.assert(
    fc.property(trees(dst.filter((path) => path.show !== "/$/fail")), (tree) => {
      assert.equal(
        bound(`/a=>${showTree(simplify(tree))}`, Path.of("a")),
        bound(`/a=>${showTree(tree)}`, Path.of("a")),
      );
    }),
  );
});

test("an explanation's used leaves are the leaves of what binds", () => {
  fc.assert(
    fc.property(dtabs, smallPath, (dtab, path) => {
      const { root, outcome } = explainNow(dtab, path.show);
      const state = now(interpreter(dtab).bind(Dtab.empty, path));
      assert.equal(outcome.tag, state.tag);
      if (state.tag !== "ok") return;
      assert.deepEqual(usedLeaves(root).map(showBound), leaves(state.value).map(showBound));
    }),
    { numRuns: 300 },
  );
});
