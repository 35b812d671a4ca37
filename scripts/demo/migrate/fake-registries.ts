/** Registries that speak the protocols of ZooKeeper and Kubernetes, for machines that have neither. */
import { networkInterfaces } from "node:os";
import { curatorJson } from "../../../test/fakes/curator-fixture.ts";
import { FakeKubernetes } from "../../../test/fakes/kubernetes.ts";
import { FakeZooKeeper } from "../../../test/fakes/zookeeper.ts";
import { serviceObject, sliceObject } from "../../../test/servers/kubernetes-objects.ts";
import type { KubeObject } from "../../../test/servers/kubernetes-admin.ts";
import { isInOwnNetwork, OWN_NETWORK_HOST } from "../../../test/servers/netns.ts";
import { AnsweringInstance, type AsyncStack, running } from "./instances.ts";
import { addressesOf, type SliceList } from "./slices.ts";
import { NAMESPACE, type Registries, type Running } from "./stage.ts";

const HOST = "127.0.0.1";

export class FakeRegistries implements Registries {
  readonly about =
    "played registries that speak the protocols of ZooKeeper and Kubernetes, since the real ones are not here";
  readonly hostAddress = hostAddress();
  readonly #stack: AsyncStack;
  readonly #zookeeper: FakeZooKeeper;
  readonly #kubernetes: FakeKubernetes;
  /** Ports of the pods that run, by Service. */
  readonly #pods = new Map<string, Map<string, number>>();

  private constructor(stack: AsyncStack, zookeeper: FakeZooKeeper, kubernetes: FakeKubernetes) {
    this.#stack = stack;
    this.#zookeeper = zookeeper;
    this.#kubernetes = kubernetes;
  }

  static async open(stack: AsyncStack): Promise<FakeRegistries> {
    const zookeeper = stack.use(await FakeZooKeeper.start());
    const kubernetes = stack.use(await FakeKubernetes.start());
    return new FakeRegistries(stack, zookeeper, kubernetes);
  }

  get zkAddrs(): string {
    return this.#zookeeper.connectString;
  }

  get kubeconfig(): string {
    return JSON.stringify({
      "current-context": "here",
      contexts: [{ name: "here", context: { cluster: "here", user: "nobody" } }],
      clusters: [{ name: "here", cluster: { server: `http://${HOST}:${this.#kubernetes.port}` } }],
      users: [{ name: "nobody", user: {} }],
    });
  }

  async runLegacy(service: string, id: string): Promise<Running> {
    const instance = this.#stack.use(new AnsweringInstance(id));
    await instance.listen(HOST, 0);
    const path = `/services/${service}/${id}`;
    this.#zookeeper.set(path, curatorJson(service, { id, host: HOST, port: instance.port }));
    return running(instance, async () => this.#zookeeper.remove(path));
  }

  async runPod(service: string, name: string): Promise<Running> {
    const instance = this.#stack.use(new AnsweringInstance(name));
    await instance.listen(HOST, 0);
    this.#kubernetes.put(serviceObject({ name: service, namespace: NAMESPACE, selector: { app: service } }));
    const { port } = instance;
    const pods = this.#pods.get(service) ?? new Map<string, number>();
    this.#pods.set(service, pods.set(name, port));
    this.#kubernetes.put(podSlice(service, name, { port, ready: true }));
    return running(instance, async () => {
      pods.delete(name);
      this.#kubernetes.put(podSlice(service, name, { port, ready: false }));
      this.#kubernetes.remove(podSlice(service, name, { port, ready: false }));
    });
  }

  async select(service: string, podsOf: string): Promise<void> {
    this.#kubernetes.put(serviceObject({ name: service, namespace: NAMESPACE, selector: { app: podsOf } }));
    for (const [name, port] of this.#pods.get(podsOf) ?? []) {
      this.#kubernetes.put(podSlice(service, `${service}-${name}`, { port, ready: true }));
    }
  }

  async bySelf(service: string): Promise<readonly string[]> {
    const base = `/services/${service}`;
    return this.#zookeeper.children(base).map((child) => {
      const { address, port } = JSON.parse(this.#zookeeper.get(`${base}/${child}`) ?? "{}") as Record<string, unknown>;
      return `${String(address)}:${String(port)}`;
    });
  }

  async byService(service: string): Promise<readonly string[]> {
    const label = encodeURIComponent(`kubernetes.io/service-name=${service}`);
    const slices = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;
    const answer = await fetch(`http://${HOST}:${this.#kubernetes.port}${slices}?labelSelector=${label}`);
    return addressesOf((await answer.json()) as SliceList);
  }

  endZooKeeper(): Promise<void> {
    return this.#zookeeper.down();
  }
}

/** EndpointSlices have no loopback addresses, here as there. */
function hostAddress(): string {
  if (isInOwnNetwork()) return OWN_NETWORK_HOST;
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.find(({ internal, family }) => !internal && family === "IPv4");
  if (own === undefined) throw new Error("this machine has no IPv4 address but the loopback, which no slice may have");
  return own.address;
}

/** As the endpoint controllers would have it, were there any; each pod has a slice of its own, for it has a port of its own. */
function podSlice(service: string, name: string, { port, ready }: { port: number; ready: boolean }): KubeObject {
  const endpoint = {
    addresses: [HOST],
    conditions: { ready, serving: ready, terminating: !ready },
    targetRef: { kind: "Pod", name, namespace: NAMESPACE },
  };
  return sliceObject({ name, namespace: NAMESPACE, service, port, endpoints: [endpoint] });
}
