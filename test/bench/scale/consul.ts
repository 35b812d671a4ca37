/** Consul's fake as a registry of many names. */
import { FakeConsul } from "../../fakes/consul.ts";
import type { ScaleRegistry } from "./registry.ts";

export async function consulAtScale(): Promise<ScaleRegistry> {
  const fake = await FakeConsul.start();
  const registration = (service: string, n: number, host: string, port: number) => ({
    Node: `node-${n}`,
    Address: "127.0.0.1",
    Service: { ID: `${service}-${n}`, Service: service, Address: host, Port: port },
  });
  return {
    base: `/#/r/${fake.datacenter}`,
    namer: `{kind: io.l5d.consul, prefix: /r, host: 127.0.0.1, port: ${fake.port}}`,
    set(service, n, host, port) {
      fake.catalogue.write([registration(service, n, host, port)]);
      // It remembers what it was asked, for tests.
      fake.asked.length = 0;
    },
    put(service, hosts, port) {
      fake.catalogue.write(hosts.map((host, n) => registration(service, n, host, port)));
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}
