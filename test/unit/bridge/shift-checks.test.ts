import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { failed, ok, type State, Var } from "../../../src/base/var.ts";
import { ShiftChecks } from "../../../src/bridge/shift-checks.ts";
import { begin, follow } from "../../../src/bridge/shift-orders.ts";
import { readPlan } from "../../../src/bridge/shift-plan.ts";
import type { Shift, Verb } from "../../../src/bridge/shift.ts";
import { Dtab } from "../../../src/naming/dtab.ts";
import { type NameTree, neg } from "../../../src/naming/name-tree.ts";
import type { Name } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";
import { bound, DialNamer, interpreter } from "../../fakes/naming-fixture.ts";

const someone = Var.of(AddressSet.of([{ host: "10.0.0.1", port: 80, weight: 1 }]));
const nobody = Var.of(AddressSet.empty);
const at = (name: string, addresses = someone): State<NameTree<Name>> =>
  ok(bound(`/${name}`, "/", addresses) as NameTree<Name>);
const order = { who: "ada", why: "a test", at: 0 };

function scene(dtab = "/svc => /#/zk", names: readonly string[] = [], others: readonly string[] = []) {
  const clock = new FakeClock();
  const [zk, k8s] = [new DialNamer(), new DialNamer()];
  const namers = [
    { prefix: Path.of("zk"), namer: zk },
    { prefix: Path.of("k8s"), namer: k8s },
  ];
  const routers = [dtab, ...others].map((own, at) => {
    return { label: at === 0 ? "http" : `other-${at}`, dtab: Dtab.read(own), interpreter: interpreter(own, namers) };
  });
  const routes = async () => [{ label: "http", routes: names.map((name) => ({ name, clusters: [] })) }];
  const checks = new ShiftChecks({ routers: () => routers, routes, clock });
  /** What is said when all have had their time. */
  const told = async (asking: Promise<string | undefined>): Promise<string | undefined> => {
    for (let passed = 0; passed < 5_000; passed += 250) {
      await turn();
      clock.advance(250);
    }
    return asking;
  };
  return { zk, k8s, checks, told };
}

const plan = readPlan({ path: "/svc/users", from: "/#/zk/users", to: "/#/k8s/users" });

function shiftAfter(...verbs: readonly Exclude<Verb, "plan" | "start">[]): Shift {
  const started = begin(undefined, { ...plan, steps: [100] }, "start", order);
  assert.ok(started.tag === "changed");
  return verbs.reduce<Shift>((shift, verb) => {
    const ordered = follow(shift, verb, order);
    assert.ok(ordered.tag === "changed");
    return ordered.shift;
  }, started.shift);
}

test("a shift whose sides both have somebody may begin", async () => {
  const { zk, k8s, checks, told } = scene();
  zk.dial("users").set(at("users"));
  k8s.dial("users").set(at("users"));
  assert.equal(await told(checks.whyNotBegin(plan)), undefined);
});

test("a side that is no name, that nobody is on, or that cannot be asked is told", async () => {
  const { zk, k8s, checks, told } = scene();
  zk.dial("users").set(ok(neg));
  k8s.dial("users").set(at("users"));
  assert.equal(
    await told(checks.whyNotBegin(plan)),
    "`from` (/#/zk/users) cannot be used on the router http: all would go to the other side. It binds to nothing.",
  );
  zk.dial("users").set(at("users"));
  k8s.dial("users").set(at("users", nobody));
  assert.match((await told(checks.whyNotBegin(plan))) ?? "", /^`to` \(\/#\/k8s\/users\).* nobody is behind it\.$/);
  k8s.dial("users").set(failed(new Error("no route to host")));
  assert.match((await told(checks.whyNotBegin(plan))) ?? "", /^`to` .*no route to host/);
});

test("a router that there is not is told with the one that was meant", async () => {
  const { checks } = scene();
  const why = await checks.whyNotBegin({ ...plan, scope: { routers: ["htpp"] } });
  assert.equal(why, "no router has the label htpp; did you mean http?");
});

test("of a prefix, one name in use with both sides is enough", async () => {
  const { zk, k8s, checks, told } = scene("/svc => /#/zk", ["/svc/users", "/svc/orders", "/other/users"]);
  zk.dial("users").set(at("users"));
  k8s.dial("users").set(at("users"));
  zk.dial("orders").set(at("orders"));
  k8s.dial("orders").set(ok(neg));
  const all = readPlan({ path: "/svc", from: "/#/zk", to: "/#/k8s" });
  assert.equal(await told(checks.whyNotBegin(all)), undefined);
  k8s.dial("users").set(ok(neg));
  assert.match((await told(checks.whyNotBegin(all))) ?? "", /^`from` \(\/#\/zk\)/);
});

test("a name that nothing leads anywhere is told, with the one that was meant", async () => {
  const { zk, k8s, checks, told } = scene("/svc/users => /#/zk/users", ["/svc/users"]);
  zk.dial("users").set(at("users"));
  k8s.dial("users").set(at("users"));
  assert.equal(
    await told(checks.whyNotBegin(readPlan({ ...plan, path: "/svc/usres" }))),
    "no rule of the router http leads /svc/usres anywhere, so nobody asks for it; did you mean /svc/users?",
  );
});

test("what is done is not acknowledged while the router's own dtab leads back", async () => {
  const { zk, k8s, checks, told } = scene();
  zk.dial("users").set(at("users"));
  k8s.dial("users").set(at("users"));
  assert.equal(
    await told(checks.whyNotAcknowledge(shiftAfter("finish"))),
    "without the shift the router http leads /svc/users to /#/zk/users: have its file lead it to /#/k8s/users first",
  );
  assert.equal(await told(checks.whyNotAcknowledge(shiftAfter("rollback"))), undefined);
});

test("it is acknowledged where the dtab leads to what it is at, and where nothing can be told", async () => {
  const done = scene("/svc => /#/k8s");
  done.k8s.dial("users").set(at("users"));
  assert.equal(await done.told(done.checks.whyNotAcknowledge(shiftAfter("finish"))), undefined);
  const gone = scene("/other => /#/k8s");
  gone.zk.dial("users").set(at("users"));
  const why = await gone.told(gone.checks.whyNotAcknowledge(shiftAfter("rollback")));
  assert.match(why ?? "", /leads \/svc\/users to nothing: have its file lead it to \/#\/zk\/users/);
  const one = scene("/svc => /#/k8s", [], ["/other => /#/zk"]);
  one.k8s.dial("users").set(at("users"));
  assert.equal(await one.told(one.checks.whyNotAcknowledge(shiftAfter("finish"))), undefined, "another's name");
  const away = scene();
  away.zk.dial("users").set(failed(new Error("away")));
  assert.equal(await away.told(away.checks.whyNotAcknowledge(shiftAfter("rollback"))), undefined);
});
