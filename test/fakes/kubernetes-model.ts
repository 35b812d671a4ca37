/** What a cluster's controllers do to a few Services, written to a fake API server, and who is to be called then. */
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import { serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import type { FakeKubernetes } from "./kubernetes.ts";

export type PodState = "ready" | "out" | "leaving";

interface Pod {
  readonly uid: string;
  readonly address: string;
  readonly state: PodState;
  /** In which slices it is: both while it moves. */
  readonly slices: ReadonlySet<number>;
}

const PORT = 8080;

export class ClusterModel {
  readonly #server: FakeKubernetes;
  readonly #namespace: string;
  readonly #writes: "slices" | "endpoints";
  readonly #pods = new Map<string, Map<number, Pod>>();
  /** The generation of the names of a Service's slices. */
  readonly #names = new Map<string, number>();
  readonly #written = new Map<string, Map<string, KubeObject>>();
  #uids = 0;

  constructor(server: FakeKubernetes, namespace: string, writes: "slices" | "endpoints") {
    this.#server = server;
    this.#namespace = namespace;
    this.#writes = writes;
  }

  /** `host:port` of those that are to be called, sorted and joined; the empty text where there is nobody. */
  addresses(service: string): string {
    const pods = [...(this.#pods.get(service)?.values() ?? [])];
    const ready = pods.filter(({ state }) => state === "ready");
    // Endpoints do not tell those that are leaving from those that are not ready.
    const leaving = this.#writes === "slices" ? pods.filter(({ state }) => state === "leaving") : [];
    const called = ready.length > 0 ? ready : leaving;
    return [...new Set(called.map(({ address }) => `${address}:${PORT}`))].sort().join();
  }

  start(service: string, n: number): void {
    if (this.#of(service).has(n)) return;
    this.#set(service, n, this.#newPod(addressOf(service, n), n));
  }

  stop(service: string, n: number): void {
    this.#of(service).delete(n);
    this.#write(service);
  }

  /** The same address, another pod. */
  replace(service: string, n: number): void {
    const pod = this.#of(service).get(n);
    if (pod) this.#set(service, n, this.#newPod(pod.address, n));
  }

  turn(service: string, n: number, state: PodState): void {
    const pod = this.#of(service).get(n);
    if (pod) this.#set(service, n, { ...pod, state });
  }

  scaleToNone(service: string): void {
    this.#of(service).clear();
    this.#write(service);
  }

  /** The Service goes with all that is its. */
  delete(service: string): void {
    this.#server.remove(serviceObject({ name: service, namespace: this.#namespace }));
    for (const object of this.#written.get(service)?.values() ?? []) this.#server.remove(object);
    this.#written.delete(service);
    this.#pods.delete(service);
  }

  /** From one slice to the next, by way of being in both. */
  move(service: string, n: number): void {
    const pod = this.#of(service).get(n);
    if (!pod) return;
    const slices = pod.slices.size > 1 ? new Set([...pod.slices].slice(1)) : new Set([...pod.slices, nextOf(pod)]);
    this.#set(service, n, { ...pod, slices });
  }

  /** The controller makes its slices anew under other names. */
  rename(service: string): void {
    this.#names.set(service, (this.#names.get(service) ?? 0) + 1);
    this.#write(service);
  }

  /** A pod of one Service goes, and one of the other gets its address. */
  giveAddress(from: string, to: string, n: number): void {
    const pod = this.#of(from).get(n);
    if (!pod || from === to) return;
    this.stop(from, n);
    this.#set(to, n, this.#newPod(pod.address, n));
  }

  touch(service: string): void {
    for (const object of this.#written.get(service)?.values() ?? []) this.#server.put(object);
  }

  /** To a server that has nothing. */
  writeAll(): void {
    for (const objects of this.#written.values()) for (const object of objects.values()) this.#server.put(object);
  }

  #of(service: string): Map<number, Pod> {
    const pods = this.#pods.get(service) ?? new Map<number, Pod>();
    this.#pods.set(service, pods);
    return pods;
  }

  #newPod(address: string, n: number): Pod {
    return { uid: `uid-${this.#uids++}`, address, state: "ready", slices: new Set([n % 2]) };
  }

  #set(service: string, n: number, pod: Pod): void {
    this.#of(service).set(n, pod);
    this.#write(service);
  }

  /** Writes what differs: what is new before what is gone. */
  #write(service: string): void {
    const before = this.#written.get(service) ?? new Map<string, KubeObject>();
    if (before.size === 0) this.#server.put(serviceObject({ name: service, namespace: this.#namespace }));
    const after = new Map(this.#objects(service).map((each) => [each.metadata.name, each]));
    for (const [name, object] of after) {
      if (JSON.stringify(before.get(name)) !== JSON.stringify(object)) this.#server.put(object);
    }
    for (const [name, object] of before) if (!after.has(name)) this.#server.remove(object);
    this.#written.set(service, after);
  }

  #objects(service: string): readonly KubeObject[] {
    const pods = [...this.#of(service)];
    if (this.#writes === "endpoints") return [this.#endpoints(service, pods)];
    const generation = this.#names.get(service) ?? 0;
    return [0, 1, 2].flatMap((at) => {
      const within = pods.filter(([, pod]) => pod.slices.has(at));
      if (within.length === 0 && at > 0) return [];
      const name = `${service}-${generation}-${at}`;
      return [
        sliceObject({ name, namespace: this.#namespace, service, port: PORT, endpoints: within.map(endpointOf) }),
      ];
    });
  }

  #endpoints(service: string, pods: readonly (readonly [number, Pod])[]): KubeObject {
    const addresses = (isReady: boolean): readonly object[] =>
      pods
        .filter(([, { state }]) => (state === "ready") === isReady)
        .map(([n, { address, uid }]) => ({ ip: address, targetRef: { kind: "Pod", name: `pod-${n}`, uid } }));
    const ports = [{ name: "http", port: PORT }];
    const metadata = { name: service, namespace: this.#namespace };
    const subset = { addresses: addresses(true), notReadyAddresses: addresses(false), ports };
    return { apiVersion: "v1", kind: "Endpoints", metadata, ...(pods.length === 0 ? {} : { subsets: [subset] }) };
  }
}

/** Ready is said in both ways: as true, and not at all. */
function endpointOf([n, { address, uid, state }]: readonly [number, Pod]): object {
  const conditions = {
    ...(state === "ready" && n % 2 === 0 ? {} : { ready: state === "ready" }),
    serving: state !== "out",
    terminating: state === "leaving",
  };
  return { addresses: [address], conditions, targetRef: { kind: "Pod", name: `pod-${n}`, uid } };
}

const addressOf = (service: string, n: number): string => `10.${service.length}.0.${n + 1}`;

const nextOf = ({ slices }: Pod): number => (Math.max(...slices) + 1) % 3;
