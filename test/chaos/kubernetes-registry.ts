/** The real Kubernetes API server for the chaos suite, in a network where its endpoints can be reached. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../src/testing/eventually.ts";
import { authority } from "../servers/certificates.ts";
import { type EmptyAnswer, httpWire } from "../servers/http-wire.ts";
import { type KubernetesServer, startKubernetes } from "../servers/kubernetes.ts";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import { namespaceObject, serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import { TcpFront } from "../servers/tcp-front.ts";
import { TroubleProxy } from "../servers/trouble-proxy.ts";
import { type Instances, Registrations } from "./registrations.ts";
import type { ChaosRegistry, ChaosServers, Registered } from "./registry.ts";

/** One slice has one port for all of its endpoints. */
const PORT = 18_080;
const NAMESPACE = "chaos";
const WRITE_MS = 30_000;

const kinds: Readonly<Record<string, readonly [string, string]>> = {
  endpointslices: ["discovery.k8s.io/v1", "EndpointSliceList"],
  endpoints: ["v1", "EndpointsList"],
  services: ["v1", "ServiceList"],
};

/** Lists are empty, as of a version far behind; watches say nothing. */
const empty: EmptyAnswer = (target) => {
  const kind = kinds[/([a-z]+)(?:\?|$)/.exec(target)?.[1] ?? ""];
  if (kind === undefined || target.includes("watch=")) return undefined;
  const [apiVersion, name] = kind;
  return { body: JSON.stringify({ kind: name, apiVersion, metadata: { resourceVersion: "3" }, items: [] }) };
};

/** The host of each instance. */
type Hosts = Instances<string>;

class KubernetesChaos implements ChaosRegistry {
  readonly base = `/#/r/${NAMESPACE}/http`;
  readonly proxy: TroubleProxy;
  readonly namer: string;
  readonly servers: ChaosServers;
  readonly #server: KubernetesServer;
  readonly #stack: AsyncDisposableStack;
  readonly #registered = new Registrations<string>();

  constructor(server: KubernetesServer, proxy: TroubleProxy, kubeconfig: string, stack: AsyncDisposableStack) {
    this.#server = server;
    this.servers = {
      start: () => server.start(),
      // It takes up to a minute to end by itself while watches are open: whoever operates it kills it, too.
      stop: () => server.kill(),
      kill: () => server.kill(),
      freeze: () => server.freeze(),
      thaw: () => server.thaw(),
      setClock: (offsetMs) => server.setClock(offsetMs),
    };
    this.proxy = proxy;
    this.#stack = stack;
    this.namer = `{kind: io.l5d.k8s, prefix: /r, kubeconfig: ${kubeconfig}}`;
  }

  place(n: number): { host: string; port: number } {
    return { host: `10.88.0.${n}`, port: PORT };
  }

  register(service: string, { id, host }: Registered): Promise<void> {
    return this.#put(service, this.#registered.add(service, id, host));
  }

  deregister(service: string, id: string): Promise<void> {
    return this.#put(service, this.#registered.remove(service, id));
  }

  async wipe(): Promise<void> {
    for (const service of this.#registered.wipe().keys()) {
      await this.#write(() => this.#server.admin.delete(slice(service, new Map())));
    }
  }

  restore(): Promise<void> {
    return this.#putAll(this.#registered.restore());
  }

  /** An etcd that is put back to an earlier copy: versions are given a second time. */
  async resetIndex(): Promise<void> {
    await this.#server.wipe();
    await this.#server.restore();
    await this.#server.start();
    await this.#putAll(this.#registered.all);
  }

  /** A server that is alone is started anew twice. */
  async rollingRestart(): Promise<void> {
    const { apiServers } = this.#server;
    for (const each of apiServers.length > 1 ? apiServers : [...apiServers, ...apiServers]) {
      await each.kill();
      await this.#server.start();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #putAll(services: ReadonlyMap<string, Hosts>): Promise<void> {
    for (const [service, hosts] of services) await this.#put(service, hosts);
  }

  async #put(service: string, hosts: Hosts): Promise<void> {
    await this.#write(() => this.#server.admin.put(serviceObject({ name: service, namespace: NAMESPACE })));
    await this.#write(() => this.#server.admin.put(slice(service, hosts)));
  }

  /** Tried until a server that has just started takes it. */
  async #write(act: () => Promise<void>): Promise<void> {
    const attempt = (): Promise<boolean> =>
      act().then(
        () => true,
        () => false,
      );
    await eventually("the API server takes a change", attempt, WRITE_MS);
  }
}

/** Behind a proxy that hears what is said over TLS, in HTTP/1.1. To be run in the network of `inOwnNetwork`. */
export async function startKubernetesRegistry(): Promise<ChaosRegistry> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startKubernetes({ controllers: false }));
  const ca = stack.use(authority("Trouble"));
  const { certPath, keyPath } = ca.issue("proxy", { commonName: "proxy", names: ["IP:127.0.0.1"] });
  const tls = { cert: readFileSync(certPath), key: readFileSync(keyPath), serverCa: readFileSync(server.caPath) };
  const proxy = stack.use(await TroubleProxy.before(server.port, httpWire(empty), tls));
  return await behind(proxy, server, ca.caPath, stack.move());
}

/** Behind a proxy that passes TLS on, in which HTTP/2 is spoken: what it says itself is never believed. */
export async function startSealedKubernetesRegistry(): Promise<ChaosRegistry> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startKubernetes({ controllers: false }));
  const proxy = stack.use(await TroubleProxy.before(server.port));
  return await behind(proxy, server, server.caPath, stack.move());
}

/** Two of them over one etcd, behind what moves connections to one that serves, as stands before the API servers of a cluster. */
export async function startServersOfKubernetesRegistry(): Promise<ChaosRegistry> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startKubernetes({ controllers: false, apiServers: 2 }));
  const front = stack.use(await TcpFront.before(server.apiServers.map(({ port }) => port)));
  const proxy = stack.use(await TroubleProxy.before(front.port));
  return await behind(proxy, server, server.caPath, stack.move());
}

async function behind(
  proxy: TroubleProxy,
  server: KubernetesServer,
  caPath: string,
  stack: AsyncDisposableStack,
): Promise<ChaosRegistry> {
  await using owned = stack;
  const kubeconfig = join(server.folder, "proxied.kubeconfig");
  writeFileSync(kubeconfig, server.kubeconfig({ port: proxy.port }).replaceAll(server.caPath, caPath));
  await server.admin.put(namespaceObject(NAMESPACE));
  return new KubernetesChaos(server, proxy, kubeconfig, owned.move());
}

/** Of all instances, so that they go together. */
function slice(service: string, hosts: Hosts): KubeObject {
  const endpoints = [...hosts.values()].map((host) => ({ addresses: [host], conditions: { ready: true } }));
  return sliceObject({ name: `${service}-0`, namespace: NAMESPACE, service, port: PORT, endpoints });
}
