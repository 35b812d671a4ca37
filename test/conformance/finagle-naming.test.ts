/** Linkspan reads, delegates and binds as Finagle does: every case that Finagle itself has printed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { systemClock } from "../../src/base/time.ts";
import { Var } from "../../src/base/var.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { DtabInterpreter } from "../../src/naming/interpreter.ts";
import { evaluate, type NameTree, simplify } from "../../src/naming/name-tree.ts";
import type { Bound } from "../../src/naming/namer.ts";
import { readTree } from "../../src/naming/parser.ts";
import { Path } from "../../src/naming/path.ts";
import { systemNamers } from "../../src/naming/system-namers.ts";

type Kind = "path" | "nametree" | "dtab" | "lookup" | "bind";

interface Case {
  readonly kind: Kind;
  readonly in?: string;
  readonly dtab?: string;
  readonly path?: string;
  readonly ok: boolean;
  readonly [compared: string]: unknown;
}

const cases = readFileSync(new URL("../vectors/finagle-naming.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Case);

/** Far above what any case takes, far below what a recursion without bounds would. */
const LIMIT_MS = 1_000;

const system = systemNamers({
  clock: systemClock,
  random: { next: () => 0.5 },
  resolver: { addresses: () => Promise.reject(new Error("no case needs a resolver")) },
});

const doubleOf = (weight: number): string => (Number.isInteger(weight) ? `${weight}.0` : String(weight));

/** A tree as the cases print it. */
function form<T>(tree: NameTree<T>, show: (value: T) => string): string {
  switch (tree.tag) {
    case "leaf":
      return `Leaf(${show(tree.value)})`;
    case "alt":
      return `Alt(${tree.trees.map((each) => form(each, show)).join(" , ")})`;
    case "union":
      return `Union(${tree.branches.map((each) => `${doubleOf(each.weight)}*${form(each.tree, show)}`).join(" , ")})`;
    default:
      return { neg: "Neg", empty: "Empty", fail: "Fail" }[tree.tag];
  }
}

const showPath = (path: Path): string => path.show;
const showBound = (bound: Bound): string => `${bound.id.show} residual ${bound.residual.elems.join(",")}`;

function bind(dtab: Dtab, path: Path): NameTree<Bound> {
  const interpreter = new DtabInterpreter({ dtab: Var.of(dtab), namers: [], systemNamers: system });
  let result: NameTree<Bound> | Error = new Error("pending");
  const watching = interpreter.bind(Dtab.empty, path).observe((state) => {
    if (state.tag === "ok") result = state.value;
    else if (state.tag === "failed") result = state.cause;
  });
  watching[Symbol.dispose]();
  if (result instanceof Error) throw result;
  return result;
}

function run(each: Case): Record<string, unknown> {
  const text = each.in ?? "";
  switch (each.kind) {
    case "path": {
      const path = Path.read(text);
      return { show: path.show, size: path.size };
    }
    case "nametree":
      return { show: form(readTree(text), showPath) };
    case "dtab": {
      const dtab = Dtab.read(text);
      return { show: dtab.show, size: dtab.size };
    }
    case "lookup":
      return { show: form(Dtab.read(each.dtab ?? "").lookup(Path.read(each.path ?? "")), showPath) };
    case "bind": {
      const tree = bind(Dtab.read(each.dtab ?? ""), Path.read(each.path ?? ""));
      const set = evaluate(tree, showBound);
      return {
        tree: form(tree, showBound),
        simplified: form(simplify(tree), showBound),
        eval: set ? [...set.keys()].sort() : null,
      };
    }
  }
}

function answer(each: Case): Record<string, unknown> {
  const began = performance.now();
  try {
    return { ok: true, ...run(each) };
  } catch (error) {
    assert(error instanceof Error && error.message.length > 0);
    return { ok: false };
  } finally {
    assert(performance.now() - began < LIMIT_MS, `took too long: ${JSON.stringify(each)}`);
  }
}

function expected(each: Case): Record<string, unknown> {
  if (!each.ok) return { ok: false };
  const inputs = new Set(["kind", "in", "dtab", "path"]);
  return Object.fromEntries(Object.entries(each).filter(([key]) => !inputs.has(key)));
}

for (const kind of ["path", "nametree", "dtab", "lookup", "bind"] as const) {
  test(`every ${kind} case gives what Finagle gives`, () => {
    const mine = cases.filter((each) => each.kind === kind);
    assert.equal(mine.length, 300);
    for (const each of mine) assert.deepEqual(answer(each), expected(each), JSON.stringify(each));
  });
}

test("there are 1,500 cases, 284 of them refusals", () => {
  assert.equal(cases.length, 1_500);
  assert.equal(cases.filter((each) => !each.ok).length, 284);
});
