/** Pods as a kubelet would report them, on a node that there is: the EndpointSlice controller believes them. */
import type { KubernetesAdmin, KubeObject } from "./kubernetes-admin.ts";
import { nodeObject, podObject, podStatus } from "./kubernetes-objects.ts";

const NODE = "node-1";

export interface Pod {
  readonly name: string;
  readonly ip: string;
}

/** Pods of one application in one namespace. */
export class KubernetesPods {
  readonly #admin: KubernetesAdmin;
  readonly #namespace: string;
  readonly #app: string;
  readonly #port: number;

  private constructor(admin: KubernetesAdmin, namespace: string, app: string, port: number) {
    this.#admin = admin;
    this.#namespace = namespace;
    this.#app = app;
    this.#port = port;
  }

  /** Each pod has the label `app`, and calls `port` its port `http`. The node is in `zone`. */
  static async on(
    admin: KubernetesAdmin,
    { namespace, app, port, zone }: { namespace: string; app: string; port: number; zone: string },
  ): Promise<KubernetesPods> {
    await admin.put(nodeObject(NODE, zone));
    return new KubernetesPods(admin, namespace, app, port);
  }

  /** The pod runs; it is called when it is ready. */
  async run({ name, ip }: Pod, ready = true): Promise<void> {
    await this.#admin.put(this.#object(name));
    await this.setReady({ name, ip }, ready);
  }

  async setReady({ name, ip }: Pod, ready: boolean): Promise<void> {
    await this.#admin.patch(this.#object(name), podStatus(ip, ready), "status");
  }

  /** At once, as if its kubelet had ended it. */
  async delete({ name }: Pod): Promise<void> {
    await this.#admin.delete(this.#object(name));
  }

  /** Whether a slice names it; the controllers take their time. */
  async isNamed({ ip }: Pod): Promise<boolean> {
    const slices = await this.#admin.send(
      "GET",
      `/apis/discovery.k8s.io/v1/namespaces/${this.#namespace}/endpointslices`,
    );
    return JSON.stringify(slices).includes(`"${ip}"`);
  }

  #object(name: string): KubeObject {
    const labels = { app: this.#app };
    return podObject({ name, namespace: this.#namespace, labels, nodeName: NODE, port: this.#port });
  }
}
