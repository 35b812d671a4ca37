/** Namers of Kubernetes over the real API server: what the contract of namers asks for. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { k8sNamer } from "../../namers/kubernetes/index.ts";
import { Path } from "../../src/naming/path.ts";
import type { FixtureInstance, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { CutProxy } from "../fakes/cut-proxy.ts";
import type { KubernetesServer } from "./kubernetes.ts";
import type { KubernetesAdmin, KubeObject } from "./kubernetes-admin.ts";
import { namespaceObject, serviceObject, sliceObject } from "./kubernetes-objects.ts";

/** The clauses look at ports, and the API server takes no address of loopback. */
const POD_ADDRESS = "10.88.0.1";

export interface KubernetesFixture extends NamerFixture {
  readonly namespace: string;
  readonly proxy: CutProxy;
}

/** Each fixture has a namespace of its own. */
export async function kubernetesFixture(
  server: KubernetesServer,
  { guard, clock, log, down }: FixtureOptions,
): Promise<KubernetesFixture> {
  const proxy = await CutProxy.before(server.port);
  if (down) await proxy.cut();
  const namespace = `ns-${randomUUID().slice(0, 8)}`;
  await server.admin.put(namespaceObject(namespace));
  const kubeconfig = join(server.folder, `${namespace}.kubeconfig`);
  writeFileSync(kubeconfig, server.kubeconfig({ port: proxy.port }));
  const namer = await k8sNamer.create(k8sNamer.schema.parse({ kubeconfig }), testContext({ guard, clock, log }));
  const registry = new Registry(server.admin, namespace);
  return {
    namer,
    namespace,
    proxy,
    path: (service) => Path.of(namespace, "http", service),
    put: (service, instances) => registry.put(service, instances),
    touch: (service) => registry.touch(service),
    drop: (service) => registry.drop(service),
    spoil: (service) => registry.spoil(service),
    mend: (service) => registry.mend(service),
    ...proxy.verbs,
    restart: () => server.restart(),
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** A slice for each instance, and one that stays when there are none, as the EndpointSlice controller has it. */
class Registry {
  readonly #admin: KubernetesAdmin;
  readonly #namespace: string;
  readonly #written = new Map<string, Map<string, string>>();
  #touches = 0;

  constructor(admin: KubernetesAdmin, namespace: string) {
    this.#admin = admin;
    this.#namespace = namespace;
  }

  async put(service: string, instances: readonly FixtureInstance[]): Promise<void> {
    const before = this.#written.get(service) ?? new Map<string, string>();
    if (!this.#written.has(service)) {
      await this.#admin.put(serviceObject({ name: service, namespace: this.#namespace }));
      await this.#admin.put(this.#slice(service, "base", []));
    }
    const after = new Map(instances.map((each) => [each.id, JSON.stringify(this.#sliceOf(service, each))]));
    for (const [id, text] of after) {
      if (before.get(id) !== text) await this.#admin.put(JSON.parse(text) as KubeObject);
    }
    for (const id of before.keys()) if (!after.has(id)) await this.#admin.delete(this.#slice(service, id, []));
    this.#written.set(service, after);
  }

  /** An annotation changes, since the API server tells nobody of what is written again as it was. */
  async touch(service: string): Promise<void> {
    const annotations = { touched: `${this.#touches++}` };
    for (const id of this.#written.get(service)?.keys() ?? []) {
      await this.#admin.patch(this.#slice(service, id, []), { metadata: { annotations } });
    }
  }

  /** The Service first: its slices go with it, as the garbage collector has it. */
  async drop(service: string): Promise<void> {
    await this.#admin.delete(serviceObject({ name: service, namespace: this.#namespace }));
    await this.#admin.deleteAll(this.#slice(service, "base", []), `kubernetes.io/service-name=${service}`);
    this.#written.delete(service);
  }

  /** The API server takes nothing that cannot be read; this cannot be called. */
  async spoil(service: string): Promise<void> {
    const parts = { name: `${service}-bad`, namespace: this.#namespace, service };
    const endpoints = [{ addresses: [POD_ADDRESS], conditions: { ready: true } }];
    await this.#admin.put(sliceObject({ ...parts, protocol: "UDP", port: 53, endpoints }));
  }

  async mend(service: string): Promise<void> {
    await this.#admin.delete(this.#slice(service, "bad", []));
  }

  #sliceOf(service: string, { id, port, ready = true, zone }: FixtureInstance): KubeObject {
    const endpoint = {
      addresses: [POD_ADDRESS],
      conditions: { ready, serving: ready, terminating: false },
      targetRef: { kind: "Pod", name: id, uid: id },
      ...(zone === undefined ? {} : { zone }),
    };
    return this.#slice(service, id, [endpoint], port);
  }

  #slice(service: string, id: string, endpoints: readonly object[], port = 8080): KubeObject {
    return sliceObject({ name: `${service}-${id}`, namespace: this.#namespace, service, port, endpoints });
  }
}
