/** io.l5d.k8s announces at the real API server, beside its controllers, and an unmodified client reads it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CoreV1Api, DiscoveryV1Api, KubeConfig } from "@kubernetes/client-node";
import type { Announcement } from "../../src/naming/announcer.ts";
import { Path } from "../../src/naming/path.ts";
import { announced, ANNA, OTHER, puts, standing, write, writeAll } from "../../src/testing/announcer-case.ts";
import { announcerContract } from "../../src/testing/announcer-contract.ts";
import { letPass } from "../load/wait-until.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { kubernetesAnnouncerFixture } from "../servers/kubernetes-announcer-fixture.ts";
import { serviceObject } from "../servers/kubernetes-objects.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForKubernetes();
/** Controllers that would undo something have done it by then. */
const CONTROLLERS_MS = 4_000;
const SLOWNESS = Number(process.env["LINKSPAN_SLOW"] ?? 1);
let server: KubernetesServer | undefined;

before(async () => {
  if (missing === undefined) server = await startKubernetes();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);
const users = Path.of("users");
const refusalOf = async (announcement: Announcement): Promise<string> => (await standing(announcement)).refusal ?? "";

function clientOf(of: KubernetesServer): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(of.kubeconfig());
  return config;
}

describe("what is announced at the real API server", () => {
  it(
    "stands beside its controllers, in slices of a hundred, also when these begin anew",
    { timeout: 120_000 },
    async (t) => {
      if (!requireServer(t, missing) || !server) return;
      await using fixture = await kubernetesAnnouncerFixture(server);
      const { namespace } = fixture;
      const announcement = fixture.announcer.announce(users, ANNA);
      await writeAll(announcement, puts(...numbers(250)));
      const before = await fixture.slices("users");
      assert.deepEqual(
        before.map(({ endpoints }) => (endpoints as readonly object[]).length),
        [100, 100, 50],
      );
      await letPass(CONTROLLERS_MS);
      await server.restartControllers();
      await letPass(CONTROLLERS_MS);
      assert.deepEqual(await fixture.slices("users"), before);
      const core = clientOf(server).makeApiClient(CoreV1Api);
      const service = await core.readNamespacedService({ name: "users", namespace });
      assert.deepEqual([service.spec?.selector, service.spec?.ports?.[0]?.name], [undefined, "http"]);
      const endpoints = await core.listNamespacedEndpoints({ namespace });
      assert.deepEqual(endpoints.items, [], "nobody wrote Endpoints, so nobody mirrors them");
      await writeAll(announcement, puts(...numbers(250)));
      assert.deepEqual(await fixture.slices("users"), before, "nothing is written that changes nothing");
    },
  );

  it("is read by an unmodified client as any Service is", { timeout: 60_000 }, async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using fixture = await kubernetesAnnouncerFixture(server, {}, { headless: true });
    const { namespace } = fixture;
    const v6 = { ...announced(2), id: "six", host: "2001:db8::6" };
    const gone = { ...announced(3), ready: false };
    const outcome = await fixture.announcer
      .announce(users, ANNA)
      .write([...puts(1), { op: "put", instance: v6 }, { op: "put", instance: gone }], AbortSignal.timeout(10_000));
    assert.deepEqual(new Set(outcome.map(({ tag }) => tag)), new Set(["done"]));
    const config = clientOf(server);
    const service = await config.makeApiClient(CoreV1Api).readNamespacedService({ name: "users", namespace });
    assert.equal(service.spec?.clusterIP, "None");
    const labelSelector = "kubernetes.io/service-name=users";
    const read = await config.makeApiClient(DiscoveryV1Api).listNamespacedEndpointSlice({ namespace, labelSelector });
    const found = read.items.flatMap(({ addressType, ports, endpoints, metadata }) =>
      (endpoints ?? []).map(({ addresses, conditions }) => ({
        family: addressType,
        at: `${addresses[0]} ${ports?.[0]?.name} ${ports?.[0]?.port}`,
        conditions: { ...conditions },
        owner: metadata?.ownerReferences?.[0]?.uid === service.metadata?.uid,
      })),
    );
    const well = { ready: true, serving: true, terminating: false };
    const unwell = { ready: false, serving: false, terminating: false };
    assert.deepEqual(found, [
      { family: "IPv4", at: "10.9.0.1 http 8080", conditions: well, owner: true },
      { family: "IPv4", at: "10.9.0.3 http 8080", conditions: unwell, owner: true },
      { family: "IPv6", at: "2001:db8::6 http 8080", conditions: well, owner: true },
    ]);
  });

  it("goes with its Service, and is back at the next look", { timeout: 60_000 }, async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using fixture = await kubernetesAnnouncerFixture(server);
    const announcement = fixture.announcer.announce(users, ANNA);
    await writeAll(announcement, puts(1));
    await server.admin.delete(serviceObject({ name: "users", namespace: fixture.namespace }));
    await writeAll(announcement, puts(1));
    await letPass(CONTROLLERS_MS);
    assert.deepEqual(await fixture.seen("users"), [{ host: "10.9.0.1", port: 8080 }]);
  });
});

describe("very many Services", () => {
  it("are written at the rate of two thousand a minute, with bounded questions", { timeout: 60_000 }, async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using fixture = await kubernetesAnnouncerFixture(server);
    const all = numbers(500).map((n) => fixture.announcer.announce(Path.of(`users-${n}`), ANNA));
    const begun = performance.now();
    await Promise.all(all.map((each) => writeAll(each, puts(...numbers(10)))));
    const tookMs = performance.now() - begun;
    assert.ok(tookMs < 15_000 * SLOWNESS, `it took ${tookMs} ms`);
    assert.ok(fixture.connections() <= 2);
    for (const each of all) await each.abandon();
  });
});

describe("a Service that is another's", () => {
  const others = [
    ["with a selector", { selector: { app: "users" } }, /^the Service ns-\w+\/users has a selector/],
    ["that somebody made", {}, /was not made by an announcer; the label app\.kubernetes\.io\/managed-by=linkspan/],
    ["of Helm", { labels: { "app.kubernetes.io/managed-by": "Helm" } }, /is managed by Helm/],
  ] as const;
  for (const [what, parts, reason] of others) {
    it(`${what} is refused, and stays as it is`, async (t) => {
      if (!requireServer(t, missing) || !server) return;
      await using fixture = await kubernetesAnnouncerFixture(server);
      const object = serviceObject({ name: "users", namespace: fixture.namespace, ...parts });
      await server.admin.put(object);
      const before = await server.admin.get(object);
      const announcement = fixture.announcer.announce(users, ANNA);
      assert.match(await refusalOf(announcement), reason);
      assert.deepEqual(await write(announcement, puts(1)), ["refused"]);
      assert.deepEqual(await server.admin.get(object), before);
      assert.deepEqual(await fixture.seen("users"), []);
    });
  }

  it("is written to when it was handed over", async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using fixture = await kubernetesAnnouncerFixture(server, {}, { headless: true });
    const labels = { "app.kubernetes.io/managed-by": "linkspan" };
    await server.admin.put(serviceObject({ name: "users", namespace: fixture.namespace, labels }));
    const announcement = fixture.announcer.announce(users, ANNA);
    await writeAll(announcement, puts(1));
    const others = (await fixture.another()).announce(users, OTHER);
    await writeAll(others, puts(2));
    assert.equal((await fixture.seen("users")).length, 2);
  });
});

if (missing === undefined) {
  announcerContract(
    "io.l5d.k8s at the real API server",
    (given) => kubernetesAnnouncerFixture(server as KubernetesServer, given),
    // The real one answers no error of its own to order.
    { without: ["leases", "payload", "meta", "refuse"] },
  );
}
