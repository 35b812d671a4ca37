/** Stores of shared documents are held to their contract: in a folder, and on fakes that speak the protocols of registries. */
import { FakeConsul } from "../fakes/consul.ts";
import { FakeKubernetes } from "../fakes/kubernetes.ts";
import { storeContract } from "../fakes/store-contract.ts";
import { consulStoreAt, folderStore, kubernetesStore, zookeeperStore } from "../fakes/store-fixtures.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";

storeContract("io.l5d.fs", folderStore);

storeContract("io.l5d.zk", async () => {
  const fake = await FakeZooKeeper.start();
  return zookeeperStore(fake.port, () => fake[Symbol.asyncDispose]());
});

storeContract("io.l5d.consul", async () => {
  const fake = await FakeConsul.start();
  return consulStoreAt(fake.port, () => fake[Symbol.asyncDispose]());
});

storeContract("io.l5d.k8s", async () => {
  const fake = await FakeKubernetes.start();
  const access = (port: number): object => ({ host: "127.0.0.1", port });
  return kubernetesStore(fake.port, access, {}, () => fake[Symbol.asyncDispose]());
});
