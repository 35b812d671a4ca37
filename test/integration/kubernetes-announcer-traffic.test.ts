/** What is announced in a real cluster is called: who reads its endpoints as any client does gets to the legacy instance. */
import assert from "node:assert/strict";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { DiscoveryV1Api, KubeConfig } from "@kubernetes/client-node";
import { ServiceNamer } from "../../namers/kubernetes/service-namer.ts";
import { openAccess } from "../../namers/kubernetes/access-schema.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Path } from "../../src/naming/path.ts";
import { ANNA, announced, put, writeAll } from "../../src/testing/announcer-case.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedVar } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { startBackend } from "../load/backend.ts";
import { missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { kubernetesAnnouncerFixture } from "../servers/kubernetes-announcer-fixture.ts";
import { inOwnNetwork } from "../servers/netns.ts";

inOwnNetwork(import.meta.url, missingForKubernetes(), () => {
  test("a request to an announced endpoint arrives at the instance", { timeout: 120_000 }, async () => {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startKubernetes());
    stack.use(await startBackend("legacy", { host: "10.88.3.1", port: 9_090 }));
    const fixture = stack.use(await kubernetesAnnouncerFixture(server));
    const { namespace } = fixture;
    const legacy = { ...announced(1), host: "10.88.3.1", port: 9_090 };
    await writeAll(fixture.announcer.announce(Path.of("orders"), ANNA), [put(legacy)]);

    const config = new KubeConfig();
    config.loadFromString(server.kubeconfig());
    const labelSelector = "kubernetes.io/service-name=orders";
    const { items } = await config
      .makeApiClient(DiscoveryV1Api)
      .listNamespacedEndpointSlice({ namespace, labelSelector });
    const [slice] = items;
    const host = slice?.endpoints?.[0]?.addresses[0];
    const port = slice?.ports?.find(({ name }) => name === "http")?.port;
    assert.equal(await bodyOf(host, port), "legacy");

    const context = testContext();
    const kubeconfig = join(server.folder, "reader.kubeconfig");
    writeFileSync(kubeconfig, server.kubeconfig());
    const open = await openAccess({ kubeconfig, inCluster: false }, context);
    const namer = stack.use(new ServiceNamer({ binds: "endpoints", open }, context));
    using instances = new FollowedVar(namer.instances(Path.of(namespace, "80", "orders")));
    const [read] = await eventually("our own namer reads it", () => instances.value);
    assert.deepEqual(read, { ...legacy });
  });
});

/** What whoever is there answers to a request. */
async function bodyOf(host: string | undefined, port: number | undefined): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get({ host, port, path: "/", agent: false }, (answer) => resolve(text(answer))).once("error", reject);
  return promise;
}
