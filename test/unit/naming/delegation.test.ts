/** Explanations: every alternative is shown, with the rule that led to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failed } from "../../../src/base/var.ts";
import { childrenOf, type Step, usedLeaves } from "../../../src/naming/delegation.ts";
import { showDentry } from "../../../src/naming/dentry.ts";
import { Path } from "../../../src/naming/path.ts";
import { DialNamer, explainNow, showBound } from "../../fakes/naming-fixture.ts";

/** Kind, path and rule of a step and of what is below it. */
function outline(step: Step): unknown[] {
  const rule = step.dentry ? [showDentry(step.dentry)] : [];
  return [step.kind, step.path.show, ...rule, ...childrenOf(step).map(outline)];
}

test("alternatives carry their rules, and those that came too late are not used", () => {
  const { root } = explainNow("/svc=>/host; /host=>/$/inet/1; /host/web=>/$/inet/127.1/8080", "/svc/web");
  assert.deepEqual(outline(root), [
    "delegate",
    "/svc/web",
    [
      "alt",
      "/host/web",
      "/svc=>/host",
      ["leaf", "/$/inet/127.1/8080", "/host/web=>/$/inet/127.1/8080"],
      ["leaf", "/$/inet/1/web", "/host=>/$/inet/1"],
    ],
  ]);
  assert.deepEqual(usedLeaves(root).map(showBound), ["/$/inet/127.1/8080@/"]);
});

test("ends without a name and errors are steps of their own", () => {
  const namer = new DialNamer();
  namer.dial("down").set(failed(new Error("unreachable")));
  const dtab = "/a => /none | ! | /#/n/down | /#/n/wait | $";
  const { root, outcome } = explainNow(dtab, "/a", [{ prefix: Path.of("n"), namer }]);
  assert.deepEqual(
    childrenOf(root).map((step) => step.kind),
    ["neg", "fail", "exception", "pending", "empty"],
  );
  assert.deepEqual(
    childrenOf(root).map((step) => step.used),
    [true, true, false, false, false],
  );
  assert(outcome.tag === "ok" && outcome.value.tag === "fail");
});

test("a dentry in an explanation says where it stands", () => {
  const { root } = explainNow("/x=>/y ; /a => !", "/a");
  const [child] = childrenOf(root);
  assert.deepEqual(child?.dentry?.at, { start: 9, end: 16 });
});

test("of alternatives that decide nothing so many are looked up, and the rest say that they are not", () => {
  const namer = new DialNamer();
  const many = Array.from({ length: 300 }, (_, at) => `/#/n/s${at}`).join(" | ");
  const { root } = explainNow(`/a => /$/inet/1 | ${many}`, "/a", [{ prefix: Path.of("n"), namer }]);
  assert.equal(namer.dials.size, 50);
  const last = childrenOf(root).at(-1);
  assert(last?.kind === "exception");
  assert.match(last.message, /not looked up: it decides nothing/);
  const addresses = Array.from({ length: 60 }, (_, at) => `/a => /$/inet/127.0.0.1/${at + 1} ;`).join(" ");
  const kinds = childrenOf(explainNow(addresses, "/a").root).map(({ kind }) => kind);
  assert.deepEqual([kinds.indexOf("exception"), kinds.length], [51, 60]);
});
