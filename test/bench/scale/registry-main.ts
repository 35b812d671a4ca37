/** One registry in a process of its own: started by the scale bench, and told over the channel to it what to write. */
import { consulAtScale } from "./consul.ts";
import { kubernetesAtScale } from "./kubernetes.ts";
import type { ReadFrom, RegistryOrder, ScaleRegistry } from "./registry.ts";
import { zooKeeperAtScale } from "./zookeeper.ts";

const makers: Readonly<Record<string, () => Promise<ScaleRegistry>>> = {
  ZooKeeper: zooKeeperAtScale,
  Kubernetes: kubernetesAtScale,
  Consul: consulAtScale,
};

const make = makers[process.argv[2] ?? ""];
if (!make) throw new Error(`no registry is called ${process.argv[2]}`);
const registry = await make();

process.on("message", (order: RegistryOrder) => {
  if ("put" in order) registry.put(order.put, order.hosts, order.port);
  else if ("set" in order) registry.set(order.set, order.n, order.host, order.port);
  else process.send?.(order);
});
process.on("disconnect", () => process.exit(0));
const { namer, base } = registry;
process.send?.({ namer, base } satisfies ReadFrom);
