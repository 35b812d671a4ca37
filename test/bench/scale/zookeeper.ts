/** ZooKeeper's fake as a registry of many names; it speaks the real protocol. */
import { curatorJson } from "../../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../../fakes/zookeeper.ts";
import type { ScaleRegistry } from "./registry.ts";

const BASE = "/services";

export async function zooKeeperAtScale(): Promise<ScaleRegistry> {
  const fake = await FakeZooKeeper.start();
  const set = (service: string, n: number, host: string, port: number): void =>
    fake.set(`${BASE}/${service}/i-${n}`, curatorJson(service, { id: `i-${n}`, host, port }));
  return {
    name: "ZooKeeper",
    base: "/#/r",
    namer: `{kind: io.l5d.curator, prefix: /r, zkAddrs: "${fake.connectString}", basePath: ${BASE}, sessionTimeoutMs: 30000}`,
    set,
    put(service, hosts, port) {
      for (const [n, host] of hosts.entries()) set(service, n, host, port);
      for (const name of fake.children(`${BASE}/${service}`)) {
        if (Number(name.slice(2)) >= hosts.length) fake.remove(`${BASE}/${service}/${name}`);
      }
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}
