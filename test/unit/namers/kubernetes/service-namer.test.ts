import assert from "node:assert/strict";
import { test } from "node:test";
import type { GuardSettings } from "../../../../src/base/guard.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FollowedName, FollowedVar } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { type FixtureSettings, kubernetesFixture } from "../../../fakes/kubernetes-fixture.ts";
import type { KubeObject } from "../../../servers/kubernetes-admin.ts";

const LONG_HOLD: GuardSettings = { holdMs: 60_000, nameShare: 0.5, sourceShare: 0.2 };
const NO_GUARD: GuardSettings = { ...LONG_HOLD, holdMs: 0 };

async function fixtureWith(settings: FixtureSettings = {}, guard = NO_GUARD) {
  const log = new RecordingLog();
  const fixture = await kubernetesFixture({ guard, clock: new CountingClock(), log, down: false }, settings);
  return { ...fixture, log };
}

const until = (followed: FollowedName, ...keys: readonly string[]): Promise<boolean> =>
  eventually(`bound to ${keys.join()}`, () => followed.keys?.join() === keys.join());

interface SliceSettings {
  readonly name?: string;
  readonly service?: string;
  readonly ports?: readonly object[];
  readonly labels?: Readonly<Record<string, string>>;
}

function slice(namespace: string, endpoints: readonly object[], settings: SliceSettings = {}): KubeObject {
  const { name = "s", service = "users", ports = [{ name: "http", port: 8080 }], labels = {} } = settings;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels: { "kubernetes.io/service-name": service, ...labels } },
    addressType: "IPv4",
    ports,
    endpoints,
  };
}

const endpoint = (address: string, conditions: object = {}, more: object = {}) => ({
  addresses: [address],
  conditions,
  ...more,
});

const service = (namespace: string, ports: readonly object[], more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "users", namespace },
  spec: { ports, selector: { app: "users" } },
  ...more,
});

test("a port by number is one of the Service: its target by number or name, and what it is not is neg", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  fixture.server.put(
    service("srv", [
      { name: "web", port: 80, targetPort: 54_321 },
      { name: "plain", port: 9990 },
      { name: "named", port: 81, targetPort: "http" },
    ]),
  );
  fixture.server.put(slice("srv", [endpoint("10.0.0.1")]));
  const { namer } = fixture;
  for (const [port, key] of [
    ["80", "10.0.0.1:54321"],
    ["9990", "10.0.0.1:9990"],
    ["81", "10.0.0.1:8080"],
    ["http", "10.0.0.1:8080"],
    ["HtTp", "10.0.0.1:8080"],
  ] as const) {
    using followed = new FollowedName(namer.lookup(Path.of(port, "UsErS", "X")));
    await until(followed, key);
    assert.equal(followed.bound?.id.show, `/${port.toLowerCase()}/users`);
    assert.equal(followed.bound?.residual.show, "/X");
  }
  for (const port of ["555", "thrift", "0", "99999", "a_b"]) {
    using followed = new FollowedName(namer.lookup(Path.of(port, "users")));
    await eventually("neg", () => followed.isNeg);
  }
});

test("a Service without a selector leads to what its slices say, whatever its targetPort is", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  fixture.server.put(
    service("srv", [{ name: "http", port: 80, targetPort: 80 }], {
      spec: { ports: [{ name: "http", port: 80, targetPort: 80 }] },
    }),
  );
  fixture.server.put(slice("srv", [endpoint("10.0.0.1")]));
  using followed = new FollowedName(fixture.namer.lookup(Path.read("/80/users")));
  await until(followed, "10.0.0.1:8080");
});

test("without a port it is the only one, or the usual one, or an error that lists them", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  const { namer, server } = fixture;
  server.put(
    slice("srv", [endpoint("10.0.0.2")], {
      service: "odd",
      name: "odd",
      ports: [
        { name: "a", port: 2 },
        { name: "b", port: 3 },
      ],
    }),
  );
  server.put(slice("srv", [endpoint("10.0.0.1")], { ports: [{ name: "web", port: 1 }] }));
  using usual = new FollowedName(namer.lookup(Path.read("/-/users")));
  using grpc = new FollowedName(namer.lookup(Path.read("/-grpc/users")));
  await until(usual, "10.0.0.1:1");
  await until(grpc, "10.0.0.1:1");
  server.put(
    slice("srv", [endpoint("10.0.0.1")], {
      ports: [
        { name: "http", port: 2 },
        { name: "grpc", port: 3 },
      ],
    }),
  );
  await until(usual, "10.0.0.1:2");
  await until(grpc, "10.0.0.1:3");
  using odd = new FollowedName(namer.lookup(Path.read("/-/odd")));
  await eventually("failed", () => odd.tree.state.tag === "failed");
  assert.match(odd.tree.state.tag === "failed" ? odd.tree.state.cause.message : "", /srv\/odd has several ports.*a, b/);
});

test("whoever is ready is called; when nobody is, those that leave and still serve", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" }, LONG_HOLD);
  const { namer, server } = fixture;
  const leaving = { ready: false, serving: true, terminating: true };
  server.put(
    slice("srv", [
      endpoint("10.0.0.1"),
      endpoint("10.0.0.2", { ready: null }),
      endpoint("10.0.0.3", leaving),
      endpoint("10.0.0.4", { ready: false }),
    ]),
  );
  using followed = new FollowedName(namer.lookup(Path.read("/http/users")));
  await until(followed, "10.0.0.1:8080", "10.0.0.2:8080");
  server.put(slice("srv", [endpoint("10.0.0.1", { ready: false }), endpoint("10.0.0.3", leaving)]));
  await until(followed, "10.0.0.3:8080");
  assert.equal(followed.isHeld, false);
  using instances = new FollowedVar(namer.instances(Path.read("/http/users")));
  await eventually("both are shown", () => instances.value?.length === 2);
  assert.deepEqual(
    instances.value?.map(({ host, ready }) => [host, ready]),
    [
      ["10.0.0.1", false],
      ["10.0.0.3", false],
    ],
  );
});

test("who said that it leaves may vanish, the last one too; who did not is held until a look on a fresh connection", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" }, { ...LONG_HOLD, holdMs: 500 });
  const { namer, server } = fixture;
  server.put(slice("srv", [endpoint("10.0.0.1"), endpoint("10.0.0.2")]));
  using followed = new FollowedName(namer.lookup(Path.read("/http/users")));
  await until(followed, "10.0.0.1:8080", "10.0.0.2:8080");
  const leaving = { ready: false, serving: true, terminating: true };
  server.put(slice("srv", [endpoint("10.0.0.1", leaving), endpoint("10.0.0.2", leaving)]));
  await quietFor(150);
  server.put(slice("srv", []));
  await eventually("neg", () => followed.isNeg);
  assert.equal(followed.isHeld, false);
  server.put(slice("srv", [endpoint("10.0.0.1"), endpoint("10.0.0.2")]));
  await until(followed, "10.0.0.1:8080", "10.0.0.2:8080");
  const before = fixture.proxy.connections;
  const asked = server.asked.length;
  server.put(slice("srv", []));
  await eventually("held", () => followed.isHeld);
  await eventually("believed", () => followed.isNeg);
  const confirming = server.asked.slice(asked).filter((each) => !each.includes("watch="));
  assert.deepEqual(confirming.length, 1);
  assert.match(decodeURIComponent(confirming[0] ?? ""), /labelSelector=kubernetes.io\/service-name=users/);
  // With a version it may be as old as the cache of whichever server answers.
  assert.doesNotMatch(confirming[0] ?? "", /resourceVersion/);
  await eventually("that connection is closed", () => fixture.proxy.connections <= before);
});

test("an endpoint in two slices is one; a pod with two families is called by IPv4; node and zone are told", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  const { namer, server } = fixture;
  const pod = {
    targetRef: { kind: "Pod", name: "u-1", uid: "uid-1" },
    nodeName: "n1",
    zone: "a",
    hints: { forZones: [{ name: "a" }] },
  };
  server.put(slice("srv", [endpoint("10.0.0.1", {}, pod)]));
  server.put(slice("srv", [endpoint("10.0.0.1", {}, pod)], { name: "second" }));
  server.put(slice("srv", [endpoint("fd00::1", {}, pod)], { name: "six" }));
  using followed = new FollowedName(namer.lookup(Path.read("/http/users")));
  await until(followed, "10.0.0.1:8080");
  assert.deepEqual(followed.addresses?.value?.addresses[0]?.meta, { nodeName: "n1", zone: "a" });
  using instances = new FollowedVar(namer.instances(Path.read("/http/users")));
  await eventually("shown", () => instances.value?.length === 1);
  const [only] = instances.value ?? [];
  assert.deepEqual([only?.id, only?.zone, only?.meta], ["uid-1", "a", { nodeName: "n1", pod: "u-1", zoneHints: "a" }]);
});

test("with a label's key, paths have its value, in the letters that it has", async () => {
  await using fixture = await fixtureWith({ namespace: "srv", labelSelector: "version" });
  const { namer, server } = fixture;
  server.put(slice("srv", [endpoint("10.0.0.1")], { labels: { version: "V1" } }));
  server.put(slice("srv", [endpoint("10.0.0.2")], { name: "two", labels: { version: "v2" } }));
  using one = new FollowedName(namer.lookup(Path.read("/http/Users/V1/rest")));
  using none = new FollowedName(namer.lookup(Path.read("/http/users/v1")));
  using short = new FollowedName(namer.lookup(Path.read("/http/users")));
  await until(one, "10.0.0.1:8080");
  assert.equal(one.bound?.id.show, "/http/users/V1");
  assert.equal(one.bound?.residual.show, "/rest");
  await eventually("neg", () => none.isNeg && short.isNeg);
});

test("all names of a namespace share one watch, and it ends with the last of them", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  const { namer, server } = fixture;
  for (let n = 0; n < 20; n++)
    server.put(slice("srv", [endpoint(`10.0.0.${n}`)], { name: `s-${n}`, service: `s-${n}` }));
  const all = Array.from({ length: 20 }, (_, n) => new FollowedName(namer.lookup(Path.of("http", `s-${n}`))));
  await Promise.all(all.map((each, n) => until(each, `10.0.0.${n}:8080`)));
  await eventually("one watch", () => server.watches === 1);
  all.forEach((each) => each[Symbol.dispose]());
  await eventually("no watch", () => server.watches === 0);
});

test("a name that is first asked for in an outage is known from its namespace, stale; what is not known has failed", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  const { namer, server } = fixture;
  server.put(slice("srv", [endpoint("10.0.0.1")]));
  server.put(slice("srv", [endpoint("10.0.0.2")], { name: "o", service: "orders" }));
  using users = new FollowedName(namer.lookup(Path.read("/http/users")));
  await until(users, "10.0.0.1:8080");
  await fixture.down();
  await eventually("stale", () => users.isStale);
  using orders = new FollowedName(namer.lookup(Path.read("/http/orders")));
  using nobody = new FollowedName(namer.lookup(Path.read("/http/nobody")));
  assert.equal(orders.keys?.join(), "10.0.0.2:8080");
  assert.ok(orders.isStale);
  assert.equal(nobody.tree.state.tag, "failed");
  await fixture.up();
  await eventually("well, and neg", () => !orders.isStale && nobody.isNeg);
});

const balanced = (
  namespace: string,
  ingress: readonly object[],
  ports: readonly object[] = [{ name: "http", port: 80 }],
) => service(namespace, ports, { status: { loadBalancer: { ingress } } });

test("outside of the cluster a name is bound to every load balancer, at the Service's port, by name or number", async () => {
  await using fixture = await fixtureWith({ binds: "ingress" });
  const { namer, server, namespace } = fixture;
  server.put(balanced(namespace, [{ ip: "203.0.113.1" }, { hostname: "lb.test", ip: "203.0.113.9" }]));
  using byName = new FollowedName(namer.lookup(Path.of(namespace.toUpperCase(), "HTTP", "Users", "x")));
  using byNumber = new FollowedName(namer.lookup(Path.of(namespace, "80", "users")));
  using unknown = new FollowedName(namer.lookup(Path.of(namespace, "81", "users")));
  await until(byName, "203.0.113.1:80", "lb.test:80");
  await until(byNumber, "203.0.113.1:80", "lb.test:80");
  await eventually("neg", () => unknown.isNeg);
  assert.equal(byName.bound?.id.show, `/${namespace.toUpperCase()}/HTTP/Users`);
  server.put(
    balanced(
      namespace,
      [{ ip: "203.0.113.1" }],
      [
        { name: "http", port: 80 },
        { name: "more", port: 81 },
      ],
    ),
  );
  await until(byName, "203.0.113.1:80");
  await until(unknown, "203.0.113.1:81");
  server.put(balanced(namespace, []));
  await eventually("neg", () => byName.isNeg);
  server.put(balanced(namespace, [{ ip: "203.0.113.2" }]));
  await until(byName, "203.0.113.2:80");
  server.remove(balanced(namespace, []));
  await eventually("neg", () => byName.isNeg && byNumber.isNeg);
});

test("Endpoints that do not hold all are told once", async () => {
  await using fixture = await fixtureWith({ namespace: "srv", writes: "endpoints" });
  const subsets = [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80, name: "http" }] }];
  const annotations = { "endpoints.kubernetes.io/over-capacity": "truncated" };
  const object = {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name: "users", namespace: "srv", annotations },
    subsets,
  };
  fixture.server.put(object);
  using followed = new FollowedName(fixture.namer.lookup(Path.read("/http/users")));
  await until(followed, "10.0.0.1:80");
  fixture.server.put(object);
  await quietFor(50);
  assert.equal(fixture.log.told("kubernetes.truncated").length, 1);
});

test("the names of a namespace are listed by the names of their ports, a port without one as the only one", async () => {
  await using fixture = await fixtureWith({ namespace: "srv" });
  const { namer, server } = fixture;
  const ports = [
    { name: "http", port: 1 },
    { name: "grpc", port: 2 },
    { name: "dns", port: 53, protocol: "UDP" },
  ];
  server.put(slice("srv", [endpoint("10.0.0.1")], { ports }));
  server.put(slice("srv", [endpoint("10.0.0.2")], { name: "t", ports }));
  server.put(slice("srv", [endpoint("10.0.0.3")], { name: "plain", service: "plain", ports: [{ port: 3 }] }));
  server.put(slice("elsewhere", [endpoint("10.0.0.4")]));
  using names = new FollowedVar(namer.names());
  const untilListed = (...shown: readonly string[]): Promise<boolean> =>
    eventually(`listed ${shown.join()}`, () => names.value?.map((each) => each.show).join() === shown.join());
  await untilListed("/-/plain", "/grpc/users", "/http/users");
  server.remove(slice("srv", [], { name: "t" }));
  server.remove(slice("srv", [], { name: "plain" }));
  await untilListed("/grpc/users", "/http/users");
});

test("with a label's key the names that are listed have its value, and what has none is no name", async () => {
  await using fixture = await fixtureWith({ labelSelector: "version" });
  const { namer, server } = fixture;
  server.put(slice("srv", [endpoint("10.0.0.1")], { labels: { version: "V2" } }));
  server.put(slice("srv", [endpoint("10.0.0.2")], { name: "t" }));
  using names = new FollowedVar(namer.names());
  await eventually("listed", () => names.value?.map((each) => each.show).join() === "/srv/http/users/V2");
});

test("outside of the cluster the names are those of the Services that have a load balancer", async () => {
  await using fixture = await fixtureWith({ binds: "ingress" });
  const { namer, server } = fixture;
  const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
  server.put(service("srv", [{ name: "http", port: 80 }], { status }));
  server.put(service("inside", [{ name: "http", port: 80 }]));
  using names = new FollowedVar(namer.names());
  await eventually("listed", () => names.value?.map((each) => each.show).join() === "/srv/http/users");
});
