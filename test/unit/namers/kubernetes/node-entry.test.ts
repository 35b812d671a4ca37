import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeKeeper } from "../../../../namers/kubernetes/node-entry.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { kubernetesFixture } from "../../../fakes/kubernetes-fixture.ts";
import type { KubeObject } from "../../../servers/kubernetes-admin.ts";
import { serviceObject, sliceObject } from "../../../servers/kubernetes-objects.ts";

const node = (name: string, ...addresses: readonly (readonly [type: string, address: string])[]): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { addresses: addresses.map(([type, address]) => ({ type, address })) },
});

test("a node is reached by its address within the network, else by the one outside of it", () => {
  const keeper = new NodeKeeper();
  const hostOf = (object: KubeObject): string | undefined => keeper.keep(object)?.host;
  assert.equal(hostOf(node("a", ["Hostname", "a"], ["ExternalIP", "9.9.9.9"], ["InternalIP", "10.0.0.1"])), "10.0.0.1");
  assert.equal(hostOf(node("a", ["ExternalIP", "9.9.9.9"])), "9.9.9.9");
  assert.equal(hostOf(node("a", ["Hostname", "a"])), undefined);
});

const endpoint = (address: string, nodeName?: string) => ({
  addresses: [address],
  conditions: { ready: true },
  ...(nodeName === undefined ? {} : { nodeName }),
});

for (const port of ["http", "80", "-"]) {
  test(`instances of the port ${port} say by which node's port they are reached, as nodes and Services change`, async () => {
    const given = {
      guard: { holdMs: 0, nameShare: 1, sourceShare: 1 },
      clock: new CountingClock(),
      log: new RecordingLog(),
    };
    await using fixture = await kubernetesFixture({ ...given, down: false }, { namespace: "shop", nodePorts: true });
    const { server, namer } = fixture;
    const service = (nodePort?: number): KubeObject => {
      const ports = [{ name: "http", port: 80, ...(nodePort === undefined ? {} : { nodePort }) }];
      return serviceObject({ name: "users", namespace: "shop", more: { ports, selector: { app: "users" } } });
    };
    server.put(service(30_080));
    server.put(node("one", ["InternalIP", "10.1.0.1"]));
    const endpoints = [endpoint("10.2.0.1", "one"), endpoint("10.2.0.2", "two"), endpoint("10.2.0.3")];
    server.put(sliceObject({ name: "users-1", namespace: "shop", service: "users", endpoints }));
    using instances = new FollowedVar(namer.instances(Path.of(port, "users")));
    const shown = (): string | undefined => instances.value?.map(({ meta }) => meta?.["nodePort"] ?? "none").join();
    const until = (wanted: string): Promise<boolean> => eventually(wanted, () => shown() === wanted);
    await until("10.1.0.1:30080,none,none");
    server.put(node("two", ["InternalIP", "fd00::2"]));
    await until("10.1.0.1:30080,[fd00::2]:30080,none");
    server.put(service(30_081));
    await until("10.1.0.1:30081,[fd00::2]:30081,none");
    server.put(service());
    await until("none,none,none");
    assert.equal(server.watches, 3);
  });
}
