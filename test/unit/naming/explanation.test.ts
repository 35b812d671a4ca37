/** Explanations as data: what is taken, which share it has, and why the rest is not taken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failed, ok, Var } from "../../../src/base/var.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { placesOf } from "../../../src/naming/explained-rules.ts";
import type { ExplainedStep } from "../../../src/naming/explained-steps.ts";
import { type Explanation, explanationOf } from "../../../src/naming/explanation.ts";
import { neg } from "../../../src/naming/name-tree.ts";
import type { NamerEntry } from "../../../src/naming/namer-table.ts";
import { Path } from "../../../src/naming/path.ts";
import { bound, DialNamer, explainNow, interpreter, now } from "../../fakes/naming-fixture.ts";

function explained(dtab: string, path = "/a", namers: readonly NamerEntry[] = []): Explanation {
  return explanationOf(explainNow(dtab, path, namers), placesOf({}));
}

const shares = ({ chosen }: Explanation): readonly (readonly [string, number])[] =>
  chosen.map(({ id, residual, share }) => [residual === "/" ? id : `${id}@${residual}`, share]);

/** Why each child of the root is not taken; undefined of those that are. */
const reasons = ({ root }: Explanation): readonly (string | undefined)[] => (root.next ?? []).map(({ why }) => why);

const namers = (): readonly NamerEntry[] => {
  const namer = new DialNamer();
  namer.dial("down").set(failed(new Error("no route")));
  namer.dial("none").set(ok(neg));
  namer.dial("empty").set(ok(bound("/empty")));
  return [
    { prefix: Path.of("n"), namer },
    { prefix: Path.of("next"), namer, whenUnreachable: "next" },
  ];
};

test("shares are those of the split at each level, and a name in two places has both", () => {
  const dtab = "/a => 3 * /b & /$/inet/9 ; /b => /$/inet/1 & /$/inet/9";
  assert.deepEqual(shares(explained(dtab)), [
    ["/$/inet/1", 0.375],
    ["/$/inet/9", 0.625],
  ]);
});

test("weights that are all zero split evenly, a single zero gets nothing, and one that is left gets all", () => {
  assert.deepEqual(shares(explained("/a => 0 * /$/inet/1 & 0 * /$/inet/2")), [
    ["/$/inet/1", 0.5],
    ["/$/inet/2", 0.5],
  ]);
  const split = explained("/a => 0 * /$/inet/1 & 2 * /$/inet/2");
  assert.deepEqual(shares(split), [["/$/inet/2", 1]]);
  assert.deepEqual(reasons(split), ["its weight is 0", undefined]);
  assert.deepEqual(shares(explained("/a => 0 * /$/inet/1 & 2 * /none")), [["/$/inet/1", 1]]);
});

test("what is left out of a split says why", () => {
  const split = explained("/a => /none & ! & $ & /#/n/wait & /#/n/down & /$/inet/1", "/a", namers());
  assert.deepEqual(reasons(split), [
    "it is no such name; the others share its part",
    "it is refused by a rule; the others share its part",
    "nobody serves it; the others share its part meanwhile",
    "it is not answered yet; the others share its part meanwhile",
    "it cannot be asked; the others share its part meanwhile",
    undefined,
  ]);
  assert.deepEqual(shares(split), [["/$/inet/1", 1]]);
});

test("what nobody serves gets its part only where that is so of all", () => {
  assert.deepEqual(shares(explained("/a => 3 * /#/n/empty & /$/inet/1", "/a", namers())), [["/$/inet/1", 1]]);
  assert.deepEqual(shares(explained("/a => 3 * /#/n/empty & $", "/a", namers())), [["/#/n/empty", 0.75]]);
  const closed = new Set(["/$/inet/1"]);
  const split = explanationOf(explainNow("/a => 3 * /$/inet/1 & /$/inet/2", "/a"), placesOf({}), closed);
  assert.deepEqual(shares(split), [["/$/inet/2", 1]]);
});

test("what comes before and after the alternative that decides says why it does not", () => {
  const cases: readonly (readonly [string, readonly (string | undefined)[]])[] = [
    [
      "/a => /none | $ | !",
      ["it is no such name, so the next one was tried", undefined, "alternative 2 comes before it and is there"],
    ],
    ["/a => ! | /x", [undefined, "alternative 1 is !, which ends the name"]],
    ["/a => /#/n/wait | /x", [undefined, "alternative 1 is not answered yet"]],
    ["/a => /#/n/down | /x", [undefined, "alternative 1 cannot be asked, and that is not a no"]],
    ["/a => /#/next/down | $", ["its namer cannot be asked, and lets the next one be tried", undefined]],
  ];
  for (const [dtab, expected] of cases) assert.deepEqual(reasons(explained(dtab, "/a", namers())), expected, dtab);
});

test("an alternative within alternatives is told as one of them", () => {
  const { root } = explained("/a => (/none | /$/inet/1) | /$/inet/2");
  const taken = (root.next ?? []).map((step: ExplainedStep) => step.taken);
  assert.deepEqual(taken, [false, true, false]);
});

test("each rule is said once, with its place, however many steps it led to", () => {
  const text = "/x => /y ;\n/a => /b | /c | /d";
  const dtab = Dtab.read(text);
  const { rules, root } = explanationOf(explainWith(dtab), placesOf({ given: { dtab, text } }));
  assert.deepEqual(rules, [{ text: "/a=>/b | /c | /d", source: "given", line: 2 }]);
  assert.deepEqual(
    (root.next ?? []).map(({ rule }) => rule),
    [0, 0, 0],
  );
});

test("a bound name is said once, and whatever a name is called", () => {
  const { services } = explained("/a => /$/inet/1 | /$/inet/1/x | /$/inet/1/y");
  assert.deepEqual(Object.keys(services), ["/$/inet/1"]);
});

test("the verdict is about what is chosen", () => {
  const verdicts = (dtab: string): readonly string[] => {
    const { verdict, message } = explained(dtab, "/a", namers());
    return [verdict, message];
  };
  assert.deepEqual(verdicts("/a => /$/inet/1 & /$/inet/1/x"), ["bound", "It binds to 1 address."]);
  assert.deepEqual(verdicts("/a => /none"), ["nothing", "It binds to nothing."]);
  assert.deepEqual(verdicts("/a => /#/n/down"), ["unanswered", "It cannot be bound: no route"]);
  assert.deepEqual(verdicts("/a => /#/n/wait"), ["unanswered", "A registry did not answer in time."]);
});

function explainWith(dtab: Dtab): ReturnType<typeof explainNow> {
  const state = now(interpreter(Var.of(dtab)).delegate(Dtab.empty, Path.of("a")));
  assert(state.tag === "ok");
  return state.value;
}
