/** A real ZooKeeper with an unmodified Java client of Curator, and a real API server with its endpoint controllers. */
import { setTimeout as letPass } from "node:timers/promises";
import { type Curator, missingForCurator, startCurator } from "../../../test/servers/curator.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../../../test/servers/kubernetes.ts";
import { namespaceObject, serviceObject } from "../../../test/servers/kubernetes-objects.ts";
import { KubernetesPods } from "../../../test/servers/kubernetes-pods.ts";
import { missingForNetwork, OWN_NETWORK_HOST } from "../../../test/servers/netns.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../../../test/servers/zookeeper.ts";
import { AnsweringInstance, type AsyncStack, GRACE_MS, running } from "./instances.ts";
import { NAMESPACE, type Registries, type Running } from "./stage.ts";
import { addressesOf, type SliceList } from "./slices.ts";

const POD_PORT = 8080;
const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;

/** What this machine lacks for them, or `undefined`. */
export function missingForRealRegistries(): string | undefined {
  return missingForZooKeeper() ?? missingForCurator() ?? missingForKubernetes() ?? missingForNetwork();
}

export class RealRegistries implements Registries {
  readonly about = "a real ZooKeeper with an unmodified Java client of Curator, and a real kube-apiserver";
  readonly hostAddress = OWN_NETWORK_HOST;
  readonly #stack: AsyncStack;
  readonly #zookeeper: ZooKeeperServer;
  readonly #curator: Curator;
  readonly #kubernetes: KubernetesServer;
  readonly #pods = new Map<string, KubernetesPods>();
  #made = 0;

  private constructor(stack: AsyncStack, zookeeper: ZooKeeperServer, curator: Curator, kubernetes: KubernetesServer) {
    this.#stack = stack;
    this.#zookeeper = zookeeper;
    this.#curator = curator;
    this.#kubernetes = kubernetes;
  }

  static async open(stack: AsyncStack): Promise<RealRegistries> {
    const kubernetes = stack.use(await startKubernetes());
    const zookeeper = stack.use(await startZooKeeper({ tickTime: 500 }));
    const curator = stack.use(await startCurator(zookeeper.connectString));
    await kubernetes.admin.put(namespaceObject(NAMESPACE));
    return new RealRegistries(stack, zookeeper, curator, kubernetes);
  }

  get zkAddrs(): string {
    return this.#zookeeper.connectString;
  }

  get kubeconfig(): string {
    return this.#kubernetes.kubeconfig();
  }

  async runLegacy(service: string, id: string): Promise<Running> {
    const instance = this.#stack.use(new AnsweringInstance(id));
    const host = "127.0.0.1";
    await instance.listen(host, 0);
    await this.#curator.register({ service, id, host, port: instance.port });
    return running(instance, () => this.#curator.unregister(service, id));
  }

  async runPod(service: string, name: string): Promise<Running> {
    const pods = this.#pods.get(service) ?? (await this.#openService(service));
    const pod = { name, ip: `10.88.1.${++this.#made}` };
    const instance = this.#stack.use(new AnsweringInstance(name));
    await instance.listen(pod.ip, POD_PORT);
    await pods.run(pod);
    return running(instance, async () => {
      await pods.setReady(pod, false);
      await letPass(GRACE_MS);
      await pods.delete(pod);
    });
  }

  async select(service: string, podsOf: string): Promise<void> {
    await this.#kubernetes.admin.patch(serviceObject({ name: service, namespace: NAMESPACE }), {
      spec: { selector: { app: podsOf }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    });
  }

  async bySelf(service: string): Promise<readonly string[]> {
    return (await this.#curator.list(service)).map(({ address, port }) => `${String(address)}:${String(port)}`);
  }

  async byService(service: string): Promise<readonly string[]> {
    const label = encodeURIComponent(`kubernetes.io/service-name=${service}`);
    return addressesOf((await this.#kubernetes.admin.send("GET", `${SLICES}?labelSelector=${label}`)) as SliceList);
  }

  async endZooKeeper(): Promise<void> {
    await this.#zookeeper.stop();
  }

  async #openService(service: string): Promise<KubernetesPods> {
    const { admin } = this.#kubernetes;
    const parts = { namespace: NAMESPACE, app: service, port: POD_PORT, zone: "a" };
    const pods = await KubernetesPods.on(admin, parts);
    const selector = { app: service };
    await admin.put(serviceObject({ name: service, namespace: NAMESPACE, selector, targetPort: "http" }));
    this.#pods.set(service, pods);
    return pods;
  }
}
