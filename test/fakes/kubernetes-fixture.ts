/** Namers of Kubernetes over the fake API server: what the contract of namers asks for. */
import { randomUUID } from "node:crypto";
import { plainAccess } from "../../namers/kubernetes/api-access.ts";
import { USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { ServiceNamer, type ServiceNamerOptions } from "../../namers/kubernetes/service-namer.ts";
import { Path } from "../../src/naming/path.ts";
import type { FixtureInstance, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import { serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import { CutProxy } from "./cut-proxy.ts";
import { FakeKubernetes } from "./kubernetes.ts";

export interface FakeKubernetesFixture extends NamerFixture {
  readonly namer: ServiceNamer;
  readonly server: FakeKubernetes;
  readonly proxy: CutProxy;
  readonly namespace: string;
}

export interface FixtureSettings extends Partial<ServiceNamerOptions> {
  /** The port in paths. */
  readonly port?: string;
  /** How services are written: one slice for each instance, or one Endpoints. */
  readonly writes?: "slices" | "endpoints";
}

const QUICK = { ...USUAL_TIMES, graceMs: 100 };

/** Each fixture has a server and a namespace of its own. */
export async function kubernetesFixture(
  { guard, clock, log, down }: FixtureOptions,
  { port = "http", writes = "slices", ...more }: FixtureSettings = {},
): Promise<FakeKubernetesFixture> {
  const server = await FakeKubernetes.start();
  server.hasSlices = writes === "slices";
  const proxy = await CutProxy.before(server.port);
  if (down) await proxy.cut();
  const namespace = more.namespace ?? `ns-${randomUUID().slice(0, 8)}`;
  const context = testContext({ guard, clock, log });
  const open = () => plainAccess({ host: "127.0.0.1", port: proxy.port }, context);
  const namer = new ServiceNamer({ binds: "endpoints", open, times: QUICK, ...more }, context);
  const registry = new Registry(server, namespace, writes);
  return {
    namer,
    server,
    proxy,
    namespace,
    path: (service) => Path.of(...(more.namespace === undefined ? [namespace] : []), port, service),
    put: async (service, instances) => registry.put(service, instances),
    touch: async (service) => registry.touch(service),
    drop: async (service) => registry.drop(service),
    spoil: async (service) => registry.spoil(service),
    mend: async (service) => registry.mend(service),
    ...proxy.verbs,
    refuse: (refuses) => void (server.refusal = refuses ? { status: 500, reason: "InternalError" } : undefined),
    async restart() {
      await server.down();
      await server.up();
    },
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Writes services as whoever runs pods does: a Service, and where it can be called. */
class Registry {
  readonly #server: FakeKubernetes;
  readonly #namespace: string;
  readonly #writes: "slices" | "endpoints";
  readonly #written = new Map<string, Map<string, KubeObject>>();

  constructor(server: FakeKubernetes, namespace: string, writes: "slices" | "endpoints") {
    this.#server = server;
    this.#namespace = namespace;
    this.#writes = writes;
  }

  put(service: string, instances: readonly FixtureInstance[]): void {
    const before = this.#written.get(service);
    if (!before) this.#server.put(serviceObject({ name: service, namespace: this.#namespace, targetPort: 8080 }));
    const objects = this.#writes === "slices" ? instances.map((each) => this.#slice(service, each)) : [];
    if (this.#writes === "endpoints") objects.push(this.#endpoints(service, instances));
    const after = new Map(objects.map((each) => [each.metadata.name, each]));
    for (const [name, object] of after) {
      if (JSON.stringify(before?.get(name)) !== JSON.stringify(object)) this.#server.put(object);
    }
    for (const [name, object] of before ?? []) if (!after.has(name)) this.#server.remove(object);
    this.#written.set(service, after);
  }

  touch(service: string): void {
    for (const object of this.#written.get(service)?.values() ?? []) this.#server.put(object);
  }

  drop(service: string): void {
    this.#server.remove(serviceObject({ name: service, namespace: this.#namespace }));
    for (const object of this.#written.get(service)?.values() ?? []) this.#server.remove(object);
    this.#written.delete(service);
  }

  /** No API server would take it; who translates between versions might make it. */
  spoil(service: string): void {
    this.#server.put(this.#bad(service));
  }

  mend(service: string): void {
    this.#server.remove(this.#bad(service));
  }

  #bad(service: string): KubeObject {
    const name = `${service}-bad`;
    const parts = { name, namespace: this.#namespace, service };
    if (this.#writes === "slices") return { ...sliceObject({ ...parts, endpoints: [] }), endpoints: "none" };
    return { apiVersion: "v1", kind: "Endpoints", metadata: { name, namespace: this.#namespace }, subsets: {} };
  }

  #slice(service: string, { id, host, port, ready = true, zone }: FixtureInstance): KubeObject {
    const endpoint = {
      addresses: [host],
      conditions: { ready, serving: ready, terminating: false },
      targetRef: { kind: "Pod", name: id, uid: id },
      ...(zone === undefined ? {} : { zone }),
    };
    const parts = { name: `${service}-${id}`, namespace: this.#namespace, service };
    return sliceObject({ ...parts, port, endpoints: [endpoint] });
  }

  #endpoints(service: string, instances: readonly FixtureInstance[]): KubeObject {
    const subsets = instances.map(({ id, host, port, ready = true }) => ({
      [ready ? "addresses" : "notReadyAddresses"]: [{ ip: host, targetRef: { kind: "Pod", name: id, uid: id } }],
      ports: [{ name: "http", port }],
    }));
    return { apiVersion: "v1", kind: "Endpoints", metadata: { name: service, namespace: this.#namespace }, subsets };
  }
}
