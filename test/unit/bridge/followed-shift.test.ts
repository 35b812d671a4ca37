import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { ok, Var } from "../../../src/base/var.ts";
import { FollowedShift } from "../../../src/bridge/followed-shift.ts";
import { onBothSides } from "../../../src/bridge/shifted-name.ts";
import { begin } from "../../../src/bridge/shift-orders.ts";
import { readPlan } from "../../../src/bridge/shift-plan.ts";
import type { Shift } from "../../../src/bridge/shift.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { type NameTree, neg } from "../../../src/naming/name-tree.ts";
import type { Name } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { bound, DialNamer, interpreter } from "../../fakes/naming-fixture.ts";

const addresses = (...hosts: readonly string[]) =>
  Var.of(AddressSet.of(hosts.map((host) => ({ host, port: 80, weight: 1 }))));

function shiftOf(path: string, from: string, to: string): Shift {
  const ordered = begin(undefined, readPlan({ path, from, to, name: "users" }), "start", {
    who: "ada",
    why: "",
    at: 0,
  });
  assert.ok(ordered.tag === "changed");
  return ordered.shift;
}

function scene(shift: Shift) {
  const log = new RecordingLog();
  const [zk, k8s] = [new DialNamer(), new DialNamer()];
  const names = [
    { prefix: Path.of("zk"), namer: zk },
    { prefix: Path.of("k8s"), namer: k8s },
  ];
  let changes = 0;
  const routers = ["http", "grpc"].map((label) => ({ label, dtab: Dtab.empty, interpreter: interpreter("", names) }));
  const followed = new FollowedShift(shift, { routers, changed: () => changes++, log });
  const tell = (namer: DialNamer, name: string, ...hosts: readonly string[]): void => {
    const tree = hosts.length === 0 ? neg : (bound(`/${name}`, "/", addresses(...hosts)) as NameTree<Name>);
    namer.dial(name).set(ok(tree));
  };
  return { log, zk, k8s, followed, tell, changes: () => changes };
}

test("a shift of one name is followed as that, on each router, and what is asked below it is no name of its own", () => {
  const { followed, tell, zk, k8s, changes } = scene(shiftOf("/svc/users", "/#/zk/users", "/#/k8s/users"));
  tell(zk, "users", "10.0.0.1");
  tell(k8s, "users", "10.1.0.1", "10.1.0.2");
  followed.learn([{ label: "http", routes: [{ name: "/svc/users/v2", clusters: [] }] }]);
  assert.deepEqual(
    followed.names.map(({ router, name }) => `${name} on ${router}`),
    ["/svc/users on http", "/svc/users on grpc"],
  );
  assert.deepEqual(followed.names[0]?.targets.to.ids, ["/#/k8s/users"]);
  assert.ok(changes() >= 4);
  followed[Symbol.dispose]();
  assert.equal(zk.dial("users").observed, false);
});

test("of a prefix each name in use is followed by itself", () => {
  const { followed, tell, zk, k8s, log } = scene(shiftOf("/svc", "/#/zk", "/#/k8s"));
  assert.equal(followed.isPrefix, true);
  for (const name of ["users", "orders"]) tell(zk, name, "10.0.0.1");
  tell(k8s, "users", "10.1.0.1");
  tell(k8s, "orders");
  const routes = ["/svc/users", "/svc/orders", "/other/x"].map((name) => ({ name, clusters: [] }));
  followed.learn([{ label: "http", routes }]);
  followed.learn([{ label: "http", routes }]);
  followed.learn([{ label: "away", routes }]);
  const [users, orders, more] = followed.names;
  assert.equal(more, undefined);
  assert.deepEqual([users?.name, users?.targets.to.ids], ["/svc/users", ["/#/k8s/users"]]);
  assert.deepEqual([orders?.name, orders?.targets.to.problem], ["/svc/orders", "there is no such name"]);
  const [told, again] = log.told("shift.unusable");
  assert.deepEqual([told?.fields["name"], told?.fields["side"], again], ["/svc/orders", "to", undefined]);
  followed[Symbol.dispose]();
});

test("an instance and a cluster of both sides are told", () => {
  const { followed, tell, zk, k8s } = scene(shiftOf("/svc/users", "/#/zk/users", "/#/k8s/users"));
  tell(zk, "users", "10.0.0.1", "10.0.0.2");
  tell(k8s, "users", "10.0.0.2", "10.0.0.3");
  const [name] = followed.names;
  assert.ok(name !== undefined);
  assert.deepEqual([...onBothSides(name.targets).addresses], ["10.0.0.2:80"]);
  assert.deepEqual([...onBothSides(name.targets).ids], []);
  const { from } = name.targets;
  assert.deepEqual([...onBothSides({ from, to: from }).ids], ["/#/zk/users"]);
  followed[Symbol.dispose]();
});
