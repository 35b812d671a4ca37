import assert from "node:assert/strict";
import { test } from "node:test";
import { delegationOf } from "../../../../namers/namerd/delegation.ts";
import { type Step, childrenOf } from "../../../../src/naming/delegation.ts";
import { Dtab } from "../../../../src/naming/dtab.ts";
import { Path } from "../../../../src/naming/path.ts";
import { showState } from "../../../fakes/naming-fixture.ts";

const path = Path.read("/svc/users");
const addr = { type: "bound", addrs: [{ ip: "127.0.0.1", port: 1, meta: {} }], meta: {} };
const leaf = (id: string, more: object = {}): object => ({
  type: "leaf",
  path: id,
  bound: { addr, id, path: "/" },
  ...more,
});
const dentry = (prefix: string, dst: string): object => ({ dentry: { prefix, dst } });

function show(step: Step): string {
  const below = childrenOf(step).map(show).join(" ");
  return `${step.used ? "" : "-"}${step.kind}${step.dentry?.place ? `@${step.dentry.place}` : ""}${below && `(${below})`}`;
}

const explained = (document: object, local = Dtab.empty) =>
  delegationOf(document, path, { local, place: "namerd:web" });

test("steps have their rules: those that were sent along, and namerd's own with its namespace", () => {
  const local = Dtab.read("/svc => /host");
  const document = {
    type: "delegate",
    path: "/svc/users",
    delegate: {
      type: "alt",
      path: "/host/users",
      ...dentry("/svc", "/host"),
      alt: [
        { type: "neg", path: "/#/a/users", ...dentry("/host", "/#/a") },
        leaf("/#/b/users", dentry("/host", "/#/b")),
        leaf("/#/c/users", dentry("/host", "/#/c")),
      ],
    },
  };
  const { root, outcome, steps } = explained(document, local);
  assert.equal(show(root), "delegate(alt(neg@namerd:web leaf@namerd:web -leaf@namerd:web))");
  const [alt] = childrenOf(root);
  assert.equal(alt?.dentry, local.dentries[0]);
  assert.equal(showState(outcome), "/#/b/users@/");
  assert.equal(steps, 5);
});

test("a union leaves out what binds to nothing, and an error counts where there is nothing else", () => {
  const union = (...trees: object[]): object => ({
    type: "union",
    path: "/a",
    union: trees.map((tree) => ({ weight: 1, tree })),
  });
  const error = { type: "exception", path: "/a", message: "boom" };
  assert.equal(showState(explained(union(leaf("/#/a"), { type: "neg", path: "~" }, error)).outcome), "/#/a@/");
  assert.equal(showState(explained(union({ type: "neg" }, error)).outcome), "failed: boom");
  assert.equal(showState(explained(union(leaf("/#/a"), leaf("/#/b"))).outcome), "/#/a@/ & /#/b@/");
});

test("transformations, and ends without a path, are read", () => {
  const bound = { addr, id: "/#/a", path: "/" };
  const document = { type: "transformation", path: "/x", name: "port", bound, tree: leaf("/%/port/#/a") };
  assert.equal(show(explained(document).root), "transformation(leaf)");
  assert.equal(showState(explained({ type: "fail", path: "!" }).outcome), "!");
  assert.throws(() => explained({ type: "forest" }), /a step of the type forest/);
});

test("addresses that are not known yet, or not at all, are told at their leaf", () => {
  const step = (address: object): Step => explained({ type: "leaf", bound: { addr: address, id: "/#/a" } }).root;
  const waiting = step({ type: "pending" });
  assert.ok(waiting.kind === "leaf" && waiting.addresses.tag === "pending");
  const lost = step({ type: "failed", cause: "no leader" });
  assert.ok(lost.kind === "leaf" && lost.addresses.tag === "failed");
});
