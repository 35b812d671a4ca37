import assert from "node:assert/strict";
import { test } from "node:test";
import { begin } from "../../../src/bridge/shift-orders.ts";
import { readPlan } from "../../../src/bridge/shift-plan.ts";
import type { StatusParts } from "../../../src/bridge/shift-side-status.ts";
import { statusOf } from "../../../src/bridge/shift-status.ts";
import type { ShiftedName } from "../../../src/bridge/shifted-name.ts";
import { weightsOf } from "../../../src/bridge/shift.ts";

const order = { who: "ada", why: "a test", at: 0 };

const target = (id: string, ...addresses: readonly string[]) => ({ ids: [id], addresses: new Set(addresses) });
const missing = { ids: [], addresses: new Set<string>(), problem: "there is no such name" };

function statusWith(names: readonly ShiftedName[], over: Partial<StatusParts> = {}, scope: object = {}) {
  const started = begin(undefined, readPlan({ path: "/svc", from: "/#/zk", to: "/#/k8s", scope }), "start", order);
  assert.ok(started.tag === "changed");
  const { shift } = started;
  const weights = weightsOf(shift);
  const own = { shift, weights, override: undefined, isOwed: false, driven: undefined };
  return statusOf({ ...own, names, isHere: true, host: "web-1", others: [], ...over });
}

const about = (notes: readonly string[], what: RegExp): readonly string[] => notes.filter((note) => what.test(note));

test("of many names, those of which one side cannot be used are told, and the shift is none of them", () => {
  const names = Array.from({ length: 8 }, (_, at): ShiftedName => {
    const from = target(`/#/zk/${at}`, `10.0.0.${at}:80`);
    return {
      router: "http",
      name: `/svc/${at}`,
      targets: { from, to: at === 0 ? target("/#/k8s/0", "10.1.0.1:80") : missing },
    };
  });
  const { sides, notes } = statusWith(names);
  assert.deepEqual([sides.from.endpoints, sides.to.endpoints, sides.to.problem], [8, 1, undefined]);
  assert.equal(about(notes, /^`to` of \/svc\/\d on the router http cannot be used: there is no such name/).length, 5);
  assert.equal(about(notes, /^so it is with 2 more names$/).length, 1);
  assert.equal(about(notes, /^8 names below \/svc are judged together, and each by itself$/).length, 1);
});

test("one instance in two registries is counted once, and told of", () => {
  const from = target("/#/zk/a", "10.0.0.1:80", "10.0.0.2:80");
  const to = target("/#/k8s/a", "10.0.0.1:80", "10.0.0.3:80");
  const { notes } = statusWith([{ router: "http", name: "/svc/a", targets: { from, to } }]);
  assert.equal(
    about(notes, /^10\.0\.0\.1:80 is on both sides, in two registries: its share is that of both/).length,
    1,
  );
  const one = statusWith([{ router: "http", name: "/svc/a", targets: { from, to: from } }]);
  assert.equal(about(one.notes, /^both sides lead to \/#\/zk\/a: what it answers is counted on neither$/).length, 1);
  assert.equal(about(one.notes, /in two registries/).length, 0);
});

test("a host that is not in the scope says so", () => {
  const { notes, sides, isHere } = statusWith([], { isHere: false, weights: undefined }, { hosts: ["web-2", "db-*"] });
  assert.equal(isHere, false);
  assert.equal(notes[0], "this host, web-1, is not in its scope (host=web-2,db-*): nothing is shifted or judged here");
  assert.equal(sides.from.problem, "this host is not in its scope");
});
