/** Stores of shared documents are held to their contract on real servers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { storeContract } from "../fakes/store-contract.ts";
import { consulStoreAt, kubernetesStore, zookeeperStore } from "../fakes/store-fixtures.ts";
import { type ConsulServer, missingForConsul, startConsul } from "../servers/consul.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

const missing = { consul: missingForConsul(), kubernetes: missingForKubernetes(), zookeeper: missingForZooKeeper() };
let consul: ConsulServer | undefined;
let kubernetes: KubernetesServer | undefined;
let zookeeper: ZooKeeperServer | undefined;

before(async () => {
  [consul, kubernetes, zookeeper] = await Promise.all([
    missing.consul === undefined ? startConsul() : undefined,
    missing.kubernetes === undefined ? startKubernetes({ controllers: false }) : undefined,
    missing.zookeeper === undefined ? startZooKeeper({ tickTime: 500 }) : undefined,
  ]);
});
after(async () => {
  await consul?.[Symbol.asyncDispose]();
  await kubernetes?.[Symbol.asyncDispose]();
  await zookeeper?.[Symbol.asyncDispose]();
});

test("Consul's agent is there", (t) => void requireServer(t, missing.consul));
test("the API server of Kubernetes is there", (t) => void requireServer(t, missing.kubernetes));
test("ZooKeeper is there", (t) => void requireServer(t, missing.zookeeper));

storeContract("io.l5d.consul on an agent", () => consulStoreAt(consul?.port ?? 0), missing.consul ?? false);
storeContract("io.l5d.zk on a server", () => zookeeperStore(zookeeper?.port ?? 0), missing.zookeeper ?? false);
storeContract(
  "io.l5d.k8s on the API server",
  () => {
    if (kubernetes === undefined) throw new Error("there is no API server");
    const server = kubernetes;
    const { folder, port } = server;
    const access = (at: number): object => {
      const file = join(folder, `store-${at}.kubeconfig`);
      writeFileSync(file, server.kubeconfig({ port: at }));
      return { kubeconfig: file };
    };
    return kubernetesStore(port, access);
  },
  missing.kubernetes ?? false,
);
