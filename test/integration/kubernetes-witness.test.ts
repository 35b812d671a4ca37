/** io.l5d.k8s follows what the real controllers make of pods, and what an unmodified client writes. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CoreV1Api, DiscoveryV1Api, KubeConfig } from "@kubernetes/client-node";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { type KubernetesFixture, kubernetesFixture } from "../servers/kubernetes-fixture.ts";
import { serviceObject } from "../servers/kubernetes-objects.ts";
import { KubernetesPods } from "../servers/kubernetes-pods.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForKubernetes();
/** Controllers take their time on a busy machine. */
const CONTROLLED_MS = 20_000;
let server: KubernetesServer | undefined;

before(async () => {
  if (missing === undefined) server = await startKubernetes();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

function opened(of: KubernetesServer, holdMs = 0): Promise<KubernetesFixture> {
  const guard = { holdMs, nameShare: 0.5, sourceShare: 1 };
  return kubernetesFixture(of, { guard, clock: new CountingClock(), log: new RecordingLog(), down: false });
}

const usersOf = ({ namer, path }: KubernetesFixture): FollowedName => {
  const users = path?.("users");
  assert.ok(users);
  return new FollowedName(namer.lookup(users));
};

const until = (followed: FollowedName, hosts: readonly string[]): Promise<boolean> => {
  const wanted = hosts.map((host) => `${host}:8080`).sort();
  return eventually(
    `bound to ${wanted.join()}`,
    () => followed.keys?.toSorted().join() === wanted.join(),
    CONTROLLED_MS,
  );
};

describe("pods, as the EndpointSlice controller sees them", () => {
  it("are called while they are ready, with their zone", { timeout: 120_000 }, async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using it = await opened(server);
    const { namespace } = it;
    const pods = await KubernetesPods.on(server.admin, { namespace, app: "users", port: 8080, zone: "east" });
    const service = serviceObject({ name: "users", namespace, selector: { app: "users" }, targetPort: "http" });
    await server.admin.put(service);
    using followed = usersOf(it);
    const [one, two] = [1, 2].map((n) => ({ name: `users-${n}`, ip: `10.88.1.${n}` }));
    assert.ok(one && two);
    await pods.run(one);
    await until(followed, [one.ip]);
    assert.equal(followed.addresses?.value?.addresses[0]?.meta?.["zone"], "east");
    await pods.run(two, false);
    await pods.setReady(two, true);
    await until(followed, [one.ip, two.ip]);
    await pods.setReady(one, false);
    await until(followed, [two.ip]);
    await pods.delete(two);
    await eventually("nobody is left", () => followed.isNeg || followed.keys?.length === 0, CONTROLLED_MS);
    await pods.setReady(one, true);
    await until(followed, [one.ip]);
    await server.admin.delete(service);
    await eventually("the name is gone", () => followed.isNeg, CONTROLLED_MS);
  });

  it(
    "that are not ready are gone at once, and those that vanish all together are held",
    { timeout: 120_000 },
    async (t) => {
      if (!requireServer(t, missing) || !server) return;
      await using it = await opened(server, 60_000);
      const { namespace } = it;
      const pods = await KubernetesPods.on(server.admin, { namespace, app: "users", port: 8080, zone: "east" });
      await server.admin.put(serviceObject({ name: "users", namespace, selector: { app: "users" }, targetPort: 8080 }));
      using followed = usersOf(it);
      const three = [1, 2, 3].map((n) => ({ name: `users-${n}`, ip: `10.88.2.${n}` }));
      for (const pod of three) await pods.run(pod);
      await until(
        followed,
        three.map(({ ip }) => ip),
      );
      for (const pod of three.slice(1)) await pods.setReady(pod, false);
      await until(followed, ["10.88.2.1"]);
      assert.equal(followed.isHeld, false);
      for (const pod of three.slice(1)) await pods.setReady(pod, true);
      await until(
        followed,
        three.map(({ ip }) => ip),
      );
      // In one step: of pods that are deleted one by one the controller shows some as leaving, which is a sign.
      await server.admin.put(serviceObject({ name: "users", namespace, selector: { app: "other" }, targetPort: 8080 }));
      await eventually("held", () => followed.isHeld, CONTROLLED_MS);
      assert.equal(followed.keys?.length, 3);
    },
  );
});

describe("an unmodified client of Kubernetes", () => {
  const clients = (of: KubernetesServer) => {
    const config = new KubeConfig();
    config.loadFromString(of.kubeconfig());
    return { core: config.makeApiClient(CoreV1Api), discovery: config.makeApiClient(DiscoveryV1Api) };
  };

  it(
    "writes a Service and its slices, moves endpoints between them, and is followed",
    { timeout: 120_000 },
    async (t) => {
      if (!requireServer(t, missing) || !server) return;
      await using it = await opened(server);
      const { core, discovery } = clients(server);
      const { namespace } = it;
      using followed = usersOf(it);
      await core.createNamespacedService({
        namespace,
        body: { metadata: { name: "users" }, spec: { clusterIP: "None", ports: [{ name: "http", port: 80 }] } },
      });
      const slice = (name: string, hosts: readonly string[]) => ({
        metadata: { name, labels: { "kubernetes.io/service-name": "users" } },
        addressType: "IPv4",
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
        endpoints: hosts.map((host) => ({ addresses: [host], conditions: { ready: true } })),
      });
      const hosts = Array.from({ length: 250 }, (_, n) => `10.88.3.${n + 1}`);
      const parts = [hosts.slice(0, 100), hosts.slice(100, 200), hosts.slice(200)];
      for (const [n, part] of parts.entries()) {
        await discovery.createNamespacedEndpointSlice({ namespace, body: slice(`users-${n}`, part) });
      }
      await until(followed, hosts);
      // An endpoint that moves is in both slices for a while.
      const moved = hosts.slice(90, 100);
      const replace = (name: string, of: readonly string[]) =>
        discovery.replaceNamespacedEndpointSlice({ name, namespace, body: slice(name, of) });
      await replace("users-2", [...hosts.slice(200), ...moved]);
      await replace("users-0", hosts.slice(0, 90));
      await discovery.deleteNamespacedEndpointSlice({ name: "users-1", namespace });
      await until(followed, [...hosts.slice(0, 100), ...hosts.slice(200)]);
      await core.deleteNamespacedService({ name: "users", namespace });
      await discovery.deleteCollectionNamespacedEndpointSlice({ namespace });
      await eventually("the name is gone", () => followed.isNeg, CONTROLLED_MS);
    },
  );

  it("writes Endpoints, which the mirroring controller makes slices of", { timeout: 120_000 }, async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using it = await opened(server);
    const { core } = clients(server);
    const { namespace } = it;
    using followed = usersOf(it);
    await core.createNamespacedService({
      namespace,
      body: { metadata: { name: "users" }, spec: { clusterIP: "None", ports: [{ name: "http", port: 80 }] } },
    });
    const subsets = [{ addresses: [{ ip: "10.88.4.1" }, { ip: "10.88.4.2" }], ports: [{ name: "http", port: 8080 }] }];
    await core.createNamespacedEndpoints({ namespace, body: { metadata: { name: "users" }, subsets } });
    await until(followed, ["10.88.4.1", "10.88.4.2"]);
  });
});
