/** ZooKeeper's fake as a registry of many names; it speaks the real protocol. */
import { curatorJson } from "../../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../../fakes/zookeeper.ts";
import { instanceId } from "./instance-id.ts";
import type { ScaleRegistry } from "./registry.ts";

const BASE = "/services";

export async function zooKeeperAtScale(): Promise<ScaleRegistry> {
  const fake = await FakeZooKeeper.start();
  const set = (service: string, n: number, host: string, port: number): void => {
    const id = instanceId(service, n);
    fake.set(`${BASE}/${service}/${id}`, curatorJson(service, { id, host, port }));
    // It remembers what it was asked, for tests.
    fake.requests.length = 0;
  };
  return {
    base: "/#/r",
    namer: `{kind: io.l5d.curator, prefix: /r, zkAddrs: "${fake.connectString}", basePath: ${BASE}, sessionTimeoutMs: 30000}`,
    set,
    put(service, hosts, port) {
      for (const [n, host] of hosts.entries()) set(service, n, host, port);
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}
