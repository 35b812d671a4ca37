/** Access to the real API server: rights that are enough and no more, tokens that are revoked, certificates and exec plugins. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openAccess } from "../../namers/kubernetes/access-schema.ts";
import type { HostFacts } from "../../namers/kubernetes/access-target.ts";
import { type ApiPlace, configMapIn, endpointSlicesIn, objectAt } from "../../namers/kubernetes/api-place.ts";
import { ConfigMapDtab } from "../../namers/kubernetes/config-map-dtab.ts";
import { K8sDocuments } from "../../namers/kubernetes/documents.ts";
import { type ApiObject, metadataOf } from "../../namers/kubernetes/json-fields.ts";
import { listAll } from "../../namers/kubernetes/list.ts";
import { zoneOfNode } from "../../namers/kubernetes/node-zone.ts";
import { USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { ServiceAnnouncer } from "../../namers/kubernetes/service-announcer.ts";
import { ServiceNamer, type ServiceNamerOptions } from "../../namers/kubernetes/service-namer.ts";
import { systemClock } from "../../src/base/time.ts";
import { readPlan } from "../../src/bridge/shift-plan.ts";
import { Shifts } from "../../src/bridge/shifts.ts";
import type { DtabReading } from "../../src/naming/dtab-source.ts";
import { Path } from "../../src/naming/path.ts";
import { ANNA, puts, standing, within, writeAll } from "../../src/testing/announcer-case.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { KubernetesAccount, type RbacRule, rbacRules } from "../servers/kubernetes-account.ts";
import { KubernetesAdmin } from "../servers/kubernetes-admin.ts";
import { namespaceObject, serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import { requireServer } from "../servers/require.ts";
import { TroubleProxy } from "../servers/trouble-proxy.ts";

const missing = missingForKubernetes();
let server: KubernetesServer | undefined;
let account: KubernetesAccount | undefined;

before(async () => {
  if (missing !== undefined) return;
  server = await startKubernetes({ controllers: false });
  account = await KubernetesAccount.on(server);
  await writeUsers(server);
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

const USERS = "10.88.0.1:8080";
const BALANCER = "10.88.9.9:80";

/** `users` of `shop`, with one endpoint and a load balancer. */
async function writeUsers({ admin }: KubernetesServer): Promise<void> {
  await admin.put(namespaceObject("shop"));
  const more = { type: "LoadBalancer", clusterIP: undefined, allocateLoadBalancerNodePorts: false };
  const service = serviceObject({ name: "users", namespace: "shop", targetPort: 8080, more });
  await admin.put(service);
  await admin.patch(service, { status: { loadBalancer: { ingress: [{ ip: "10.88.9.9" }] } } }, "status");
  const endpoints = [{ addresses: ["10.88.0.1"], conditions: { ready: true } }];
  await admin.put(sliceObject({ name: "users-1", namespace: "shop", service: "users", endpoints }));
}

interface Named extends AsyncDisposable {
  readonly followed: FollowedName;
  /** Why nothing is known, or why what is known is stale. */
  readonly cause: string | undefined;
}

async function named(
  path: readonly string[],
  over: Partial<ServiceNamerOptions>,
  config: object,
  host?: HostFacts,
): Promise<Named> {
  const context = testContext();
  const open = await openAccess({ inCluster: false, ...config }, context, host);
  const namer = new ServiceNamer({ binds: "endpoints", open, ...over }, context);
  const followed = new FollowedName(namer.lookup(Path.of(...path)));
  return {
    followed,
    get cause() {
      const { state } = followed.tree;
      if (state.tag === "failed") return state.cause.message;
      const inner = followed.addresses?.state;
      const stale = (state.tag === "ok" ? state.stale : undefined) ?? (inner?.tag === "ok" ? inner.stale : undefined);
      return stale?.cause.message;
    },
    async [Symbol.asyncDispose]() {
      followed[Symbol.dispose]();
      await namer[Symbol.asyncDispose]();
    },
  };
}

const asPod = (path: readonly string[], over: Partial<ServiceNamerOptions> = {}): Promise<Named> =>
  named(path, over, { inCluster: true }, account?.hostFacts());

const untilBound = (it: Named, to: string, withinMs?: number): Promise<boolean> =>
  eventually(`bound to ${to}`, () => it.followed.keys?.join() === to, withinMs);

describe("the rights in deploy/kubernetes/rbac.yaml", () => {
  const ways: readonly (readonly [
    name: string,
    path: readonly string[],
    over: Partial<ServiceNamerOptions>,
    to: string,
  ])[] = [
    ["io.l5d.k8s by the port's name", ["shop", "http", "users"], {}, USERS],
    ["io.l5d.k8s by the port's number", ["shop", "80", "users"], {}, USERS],
    ["io.l5d.k8s.ns", ["http", "users"], { namespace: "shop" }, USERS],
    ["io.l5d.k8s.external", ["shop", "http", "users"], { binds: "ingress" }, BALANCER],
  ];
  for (const [name, path, over, to] of ways) {
    it(`are enough for ${name}`, async (t) => {
      if (!requireServer(t, missing)) return;
      await using found = await asPod(path, over);
      await untilBound(found, to);
      assert.equal(found.cause, undefined);
    });
  }

  it("are enough for io.l5d.k8s.configMap, and for no other ConfigMap", async (t) => {
    if (!requireServer(t, missing) || !server || !account) return;
    const context = testContext();
    const open = await openAccess({ inCluster: true }, context, account.hostFacts());
    const said = async (name: string): Promise<string> => {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "linkspan", name } };
      await server?.admin.put({ ...object, data: { dtab: "/svc => /a" } });
      const source = new ConfigMapDtab({ open, namespace: "linkspan", name, filename: "dtab" }, context);
      const { promise, resolve } = Promise.withResolvers<string>();
      const heard = ({ text }: DtabReading): void => resolve(text ?? "none");
      using _ = source.follow({ heard, failed: ({ message }) => resolve(message) });
      const first = await promise;
      await source[Symbol.asyncDispose]();
      return first;
    };
    assert.equal(await said("routes"), "/svc => /a");
    assert.match(await said("others"), /the ConfigMap others of linkspan.* 403 .*cannot list resource "configmaps"/);
  });

  it("are enough to be given metadata alone, and one object by its name", async (t) => {
    if (!requireServer(t, missing) || !account) return;
    const context = testContext();
    const open = await openAccess({ inCluster: true }, context, account.hostFacts());
    await using access = open();
    const read = async (place: ApiPlace, isMetadataEnough: boolean): Promise<readonly ApiObject[]> => {
      const all: ApiObject[] = [];
      const each = (object: ApiObject): void => void all.push(object);
      const { clock, signal } = context;
      await listAll({ access, place, clock, signal, isMetadataEnough, begin: () => undefined, each });
      return all;
    };
    for (const [place, field] of [
      [endpointSlicesIn("shop"), "endpoints"],
      [configMapIn("linkspan", "routes"), "data"],
    ] as const) {
      const whole = await read(place, false);
      const brief = await read(place, true);
      assert.equal(whole.length, 1);
      assert.deepEqual(brief.map(metadataOf), whole.map(metadataOf));
      assert.ok(whole[0]?.[field] !== undefined && brief[0]?.[field] === undefined);
      const { namespace, name } = metadataOf(whole[0]);
      assert.deepEqual(await read(objectAt(place, `${namespace}`, `${name}`), false), whole);
      assert.deepEqual(await read(objectAt(endpointSlicesIn("shop"), "shop", "nothing"), false), []);
    }
  });

  it("are enough for the list beside the watch, which finds nothing to set right", async (t) => {
    if (!requireServer(t, missing) || !account) return;
    const context = testContext({ clock: new CountingClock() });
    const open = await openAccess({ inCluster: true }, context, account.hostFacts());
    await using namer = new ServiceNamer(
      { binds: "endpoints", open, times: { ...USUAL_TIMES, graceMs: 100 } },
      context,
    );
    using followed = new FollowedName(namer.lookup(Path.of("shop", "80", "users")));
    await eventually("bound", () => followed.keys?.join() === USERS);
    let repairs: number | undefined;
    await eventually("it compared", async () => (repairs = await namer.resync()) !== undefined);
    assert.equal(repairs, 0);
  });

  it("are no more than they must be", async (t) => {
    if (!requireServer(t, missing)) return;
    assert.deepEqual(await rightsIn("shop"), [
      "list services",
      "watch services",
      "list discovery.k8s.io/endpointslices",
      "watch discovery.k8s.io/endpointslices",
    ]);
  });

  it("are no more than they must be where shifts lie", async (t) => {
    if (!requireServer(t, missing)) return;
    const verbs = ["get", "list", "watch", "create", "update"];
    const rights = new Set(await rightsIn("linkspan-shifts"));
    for (const verb of verbs) assert.ok(rights.delete(`${verb} configmaps`), verb);
    assert.deepEqual([...rights].toSorted(), (await rightsIn("shop")).toSorted());
  });

  it("are enough to keep shifts in their namespace, and an order says which is missing in another", async (t) => {
    if (!requireServer(t, missing) || !server || !account) return;
    const context = testContext();
    const open = await openAccess({ inCluster: true }, context, account.hostFacts());
    const storeIn = (namespace: string): K8sDocuments =>
      new K8sDocuments({ open, namespace, collection: "shifts" }, context);
    await using store = storeIn("linkspan-shifts");
    assert.notEqual(await store.write("users", "{}", undefined), undefined);
    await using elsewhere = storeIn("default");
    const refused = /403 .*cannot get resource "configmaps" in API group "" in the namespace "default"/;
    await assert.rejects(elsewhere.write("users", "{}", undefined), refused);
    const shifts = new Shifts({ store: elsewhere, clock: systemClock, log: new RecordingLog() });
    await eventually("it is said of the store", () => shifts.store.state === "failed", 10_000);
    assert.match(shifts.store.cause ?? "", /403 .*cannot list resource "configmaps"/);
    const plan = readPlan({ path: "/svc/users", from: "/#/old", to: "/#/new" });
    await assert.rejects(shifts.begin(plan, "start", { who: "ada", why: "a test", at: 0 }), refused);
    shifts[Symbol.dispose]();
  });

  it("are no more than they must be where it announces, either", async (t) => {
    if (!requireServer(t, missing)) return;
    assert.deepEqual(await rightsIn("legacy"), [
      "list services",
      "watch services",
      "create services",
      "update services",
      "delete services",
      "list discovery.k8s.io/endpointslices",
      "watch discovery.k8s.io/endpointslices",
      "create discovery.k8s.io/endpointslices",
      "update discovery.k8s.io/endpointslices",
      "delete discovery.k8s.io/endpointslices",
      "get coordination.k8s.io/leases",
      "create coordination.k8s.io/leases",
      "update coordination.k8s.io/leases",
    ]);
  });

  it("are enough to announce, and to take away again, and in no other namespace", async (t) => {
    if (!requireServer(t, missing) || !server || !account) return;
    const context = testContext();
    const open = await openAccess({ inCluster: true }, context, account.hostFacts());
    const ports = [{ name: "http", port: 80, from: "port" }] as const;
    const announcerIn = (namespace: string): ServiceAnnouncer =>
      new ServiceAnnouncer({ open, namespace, service: "orders", ports, headless: false }, context);
    await using announcer = announcerIn("legacy");
    const orders = announcer.announce(Path.empty, ANNA);
    await writeAll(orders, puts(1, 2));
    await writeAll(orders, puts(1, 2, 3));
    assert.deepEqual(await announcer.owned(ANNA.group, within()), [Path.empty]);
    await orders[Symbol.asyncDispose]();
    assert.deepEqual((await standing(announcer.announce(Path.empty, ANNA))).entries, []);
    await using elsewhere = announcerIn("shop");
    const [outcome] = await elsewhere.announce(Path.empty, ANNA).write(puts(1), within());
    assert.match(JSON.stringify(outcome), /Leases of shop: 403 .*cannot get resource/);
  });

  it("and the one for nodes that it shows are enough to ask for the zone of the own node", async (t) => {
    if (!requireServer(t, missing) || !server || !account) return;
    const labels = { "topology.kubernetes.io/zone": "eu-1a" };
    await server.admin.put({ apiVersion: "v1", kind: "Node", metadata: { name: "node-1", labels } });
    const log = new RecordingLog();
    const context = testContext({ log });
    const open = await openAccess({ inCluster: true }, context, account.hostFacts());
    const zone = zoneOfNode("node-1", open, context);
    await eventually("it is told who may not", () => log.told("zone.unknown").length === 1);
    assert.match(
      String(log.told("zone.unknown")[0]?.fields["error"]),
      /the node node-1: 403 .*cannot get resource "nodes"/,
    );
    await account.allow([...rbacRules(), { apiGroups: [""], resources: ["nodes"], verbs: ["get"] }]);
    try {
      assert.equal(await zone, "eu-1a");
    } finally {
      await account.allow(rbacRules());
      await eventually("the API server knows", () => isRefused("nodes", "get"));
    }
  });

  const without = (resource: string, verb: string): readonly RbacRule[] =>
    rbacRules().map((rule) =>
      rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule,
    );
  const needs: readonly (readonly [
    right: string,
    resource: string,
    verb: string,
    path: readonly string[],
    over: Partial<ServiceNamerOptions>,
  ])[] = [
    ["to list EndpointSlices", "endpointslices", "list", ["shop", "http", "users"], {}],
    ["to watch EndpointSlices", "endpointslices", "watch", ["shop", "http", "users"], {}],
    ["to list Services", "services", "list", ["shop", "80", "users"], {}],
    ["to watch Services", "services", "watch", ["shop", "http", "users"], { binds: "ingress" }],
  ];
  for (const [right, resource, verb, path, over] of needs) {
    it(`say clearly what is missing without that ${right}`, async (t) => {
      if (!requireServer(t, missing) || !account) return;
      await account.allow(without(resource, verb));
      try {
        await eventually("the API server knows", () => isRefused(resource, verb));
        await using found = await asPod(path, over);
        await eventually("trouble", () => found.cause !== undefined);
        const what = `cannot ${verb} resource "${resource}"`;
        assert.match(
          found.cause ?? "",
          new RegExp(`^https://127\\.0\\.0\\.1:\\d+ .* 403 .*system:serviceaccount:linkspan:linkspan.*${what}`),
        );
        if (verb === "list") assert.equal(found.followed.keys, undefined);
      } finally {
        await account.allow(rbacRules());
        await eventually("the API server knows", async () => !(await isRefused(resource, verb)));
      }
    });
  }
});

/** What the account may do there. */
async function rightsIn(namespace: string): Promise<readonly string[]> {
  assert.ok(server && account);
  await using pod = new KubernetesAdmin(server.port, readFileSync(server.caPath), account.token);
  const allowed: string[] = [];
  const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
  const resources = [
    "services",
    "endpoints",
    "pods",
    "nodes",
    "secrets",
    "configmaps",
    "namespaces",
    "discovery.k8s.io/endpointslices",
    "coordination.k8s.io/leases",
  ];
  for (const each of resources) {
    const [group, resource] = each.includes("/") ? each.split("/") : ["", each];
    for (const verb of verbs) {
      const resourceAttributes = { namespace, group, resource, verb };
      const review = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes },
      };
      const answer = await pod.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
      if ((answer as { status: { allowed: boolean } }).status.allowed) allowed.push(`${verb} ${each}`);
    }
  }
  return allowed;
}

/** Whether the account may not do this now. */
async function isRefused(resource: string, verb: string): Promise<boolean> {
  if (!server || !account) return false;
  await using pod = new KubernetesAdmin(server.port, readFileSync(server.caPath), account.token);
  const group = resource === "endpointslices" ? "discovery.k8s.io" : "";
  const spec = { resourceAttributes: { namespace: "shop", group, resource, verb } };
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
  const answer = await pod.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
  return !(answer as { status: { allowed: boolean } }).status.allowed;
}

describe("a token that the API server takes back", () => {
  it("costs nothing known, and the one that is in the file then is used", { timeout: 120_000 }, async (t) => {
    if (!requireServer(t, missing) || !server || !account) return;
    await using found = await asPod(["shop", "http", "users"]);
    await untilBound(found, USERS);
    await account.revokeToken();
    // A running watch goes on with what it was opened with: this one is ended.
    await waitUntil("the old token is refused", 40_000, async () => {
      await letPass(500);
      return isUnknown();
    });
    await server.restart();
    await eventually("the namer is refused", () => found.cause?.includes("401"), 40_000);
    assert.equal(found.followed.keys?.join(), USERS);
    await account.rotateToken();
    await eventually("well again", () => found.cause === undefined, 40_000);
    assert.equal(found.followed.keys?.join(), USERS);
  });
});

async function isUnknown(): Promise<boolean> {
  if (!server || !account) return false;
  await using pod = new KubernetesAdmin(server.port, readFileSync(server.caPath), account.token);
  return await pod.send("GET", "/version").then(
    () => false,
    (error: Error) => error.message.includes("401"),
  );
}

describe("a kubeconfig for the real API server", () => {
  it("may show a certificate", async (t) => {
    if (!requireServer(t, missing) || !server) return;
    const { certPath, keyPath } = server.issueClient("ann", "system:masters");
    const kubeconfig = join(server.folder, "ann.kubeconfig");
    writeFileSync(kubeconfig, server.kubeconfig({ user: { "client-certificate": certPath, "client-key": keyPath } }));
    await using found = await named(["shop", "http", "users"], {}, { kubeconfig });
    await untilBound(found, USERS);
  });

  it("may name an exec plugin", async (t) => {
    if (!requireServer(t, missing) || !server || !account) return;
    const apiVersion = "client.authentication.k8s.io/v1";
    const answer = { apiVersion, kind: "ExecCredential", status: { token: account.token } };
    const plugin = join(server.folder, "login");
    writeFileSync(plugin, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(answer)}\nEND\n`);
    chmodSync(plugin, 0o755);
    const kubeconfig = join(server.folder, "exec.kubeconfig");
    const exec = { apiVersion, command: "./login", interactiveMode: "Never" };
    writeFileSync(kubeconfig, server.kubeconfig({ user: { exec } }));
    await using found = await named(["shop", "http", "users"], {}, { kubeconfig });
    await untilBound(found, USERS);
  });

  it("without rights is told whose they are", async (t) => {
    if (!requireServer(t, missing) || !server) return;
    const { certPath, keyPath } = server.issueClient("nobody");
    const kubeconfig = join(server.folder, "nobody.kubeconfig");
    writeFileSync(kubeconfig, server.kubeconfig({ user: { "client-certificate": certPath, "client-key": keyPath } }));
    await using found = await named(["shop", "http", "users"], {}, { kubeconfig });
    await eventually("refused", () =>
      found.cause?.includes('403 endpointslices.discovery.k8s.io is forbidden: User "nobody"'),
    );
  });
});

describe("connections to an API server", () => {
  it("are one for many watches, as it speaks HTTP/2", async (t) => {
    if (!requireServer(t, missing) || server === undefined) return;
    await using stack = new AsyncDisposableStack();
    const proxy = stack.use(await TroubleProxy.before(server.port));
    const kubeconfig = join(server.folder, "many.kubeconfig");
    writeFileSync(kubeconfig, server.kubeconfig({ port: proxy.port }));
    const access = stack.use((await openAccess({ kubeconfig, inCluster: false }, testContext()))());
    const end = new AbortController();
    const path = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?watch=true";
    const watches = await Promise.all(Array.from({ length: 50 }, () => access.request({ path, signal: end.signal })));
    assert.deepEqual(new Set(watches.map(({ status }) => status)), new Set([200]));
    assert.equal(proxy.connections, 1);
    for (const watch of watches) watch[Symbol.dispose]();
  });
});
