/** Many services of ten instances each, in a real Kubernetes or a real ZooKeeper: what mirrors of a whole registry are tried on. */
import type { ZkClient } from "../../namers/zookeeper/client.ts";
import { makeParents } from "../../namers/zookeeper/parents.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import type { KubernetesAdmin } from "./kubernetes-admin.ts";
import { namespaceObject, serviceObject, sliceObject } from "./kubernetes-objects.ts";

export const NAMESPACE = "size";
export const INSTANCES = 10;
const AT_ONCE = 32;

export const nameOf = (n: number): string => `svc-${n}`;
const hostOf = (n: number, k: number): string => `10.${100 + (n >> 8)}.${n & 255}.${k + 1}`;

/** Runs `work` for each number below `count`, so many at a time. */
async function forEach(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const hand = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await work(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
}

export async function fillKubernetes(admin: KubernetesAdmin, services: number): Promise<void> {
  await admin.put(namespaceObject(NAMESPACE));
  await forEach(services, async (n) => {
    await admin.put(serviceObject({ name: nameOf(n), namespace: NAMESPACE }));
    await putSlice(admin, n);
  });
}

/** Of its instances all are ready but the one that `unready` says. */
export async function putSlice(admin: KubernetesAdmin, n: number, unready?: number): Promise<void> {
  const endpoints = Array.from({ length: INSTANCES }, (_, k) => ({
    addresses: [hostOf(n, k)],
    conditions: { ready: k !== unready },
  }));
  await admin.put(sliceObject({ name: `${nameOf(n)}-a`, namespace: NAMESPACE, service: nameOf(n), endpoints }));
}

export async function fillCurator(client: ZkClient, base: string, services: number): Promise<void> {
  await makeParents(client, base, "persistent");
  await forEach(services, async (n) => {
    await makeParents(client, `${base}/${nameOf(n)}`, "persistent");
    for (let k = 0; k < INSTANCES; k++) await putInstance(client, base, n, k);
  });
}

const pathOf = (base: string, n: number, k: number): string => `${base}/${nameOf(n)}/${nameOf(n)}-${k}`;

/** Persistent, as Curator's static instances are: a session must not own so many. */
export async function putInstance(client: ZkClient, base: string, n: number, k: number): Promise<void> {
  const data = curatorJson(nameOf(n), { id: `${nameOf(n)}-${k}`, host: hostOf(n, k), port: 8080 });
  await client.create(pathOf(base, n, k), data, "persistent");
}

export const removeInstance = (client: ZkClient, base: string, n: number, k: number): Promise<void> =>
  client.delete(pathOf(base, n, k));
