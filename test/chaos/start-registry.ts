/** Real registries with one service in each, that can be away when a router starts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { ConsulRegistry } from "../fakes/consul-registry.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { memberJson } from "../fakes/serverset-fixture.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { startConsul } from "../servers/consul.ts";
import { Dnsmasq } from "../servers/dnsmasq.ts";
import { startKubernetes } from "../servers/kubernetes.ts";
import { namespaceObject, serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import { startZooKeeper } from "../servers/zookeeper.ts";

/** Serves when it is given; with it goes its backend. */
export interface StartRegistry extends AsyncDisposable {
  readonly backend: Backend;
  /** Lines of `namers:`. */
  readonly namers: readonly string[];
  /** Where the namers find the service, by what a test calls it. */
  readonly paths: Readonly<Record<string, string>>;
  /** Resolves when it serves, and has what it had. */
  start(): Promise<void>;
  kill(): Promise<void>;
}

interface Server extends AsyncDisposable {
  start(): Promise<void>;
  kill(): Promise<void>;
}

const HOST = "127.0.0.1";
/** The API server takes no endpoint on loopback. */
const POD = "10.88.0.1";
const POD_PORT = 18_081;
const SESSION = "sessionTimeoutMs: 4000";

async function registry<S extends Server>(
  server: S,
  place: { host: string; port: number },
  parts: Pick<StartRegistry, "namers" | "paths">,
  fill: (backend: Backend) => Promise<void>,
): Promise<StartRegistry> {
  await using stack = new AsyncDisposableStack();
  stack.use(server);
  const backend = stack.use(await startBackend("served", place));
  await fill(backend);
  const owner = stack.move();
  return {
    backend,
    ...parts,
    start: () => server.start(),
    kill: () => server.kill(),
    [Symbol.asyncDispose]: () => owner.disposeAsync(),
  };
}

/** All that the namers of ZooKeeper read. */
export async function zooKeeperStartRegistry(): Promise<StartRegistry> {
  const server = await startZooKeeper();
  const { connectString } = server;
  const parts = {
    namers: [
      `{kind: io.l5d.curator, prefix: /curator, zkAddrs: "${connectString}", basePath: /services, ${SESSION}}`,
      `{kind: io.l5d.serversets, prefix: /serversets, zkAddrs: "${connectString}", ${SESSION}}`,
      `{kind: io.l5d.zkLeader, prefix: /leader, zkAddrs: "${connectString}", ${SESSION}}`,
    ],
    paths: { curator: "/#/curator/users", serversets: "/#/serversets/sets/users", leader: "/#/leader/group" },
  };
  return registry(server, { host: HOST, port: 0 }, parts, async ({ port }) => {
    await using writer = closing(new ZkClient({ connectString, sessionTimeoutMs: 4_000 }, testContext()));
    const at = { host: HOST, port };
    const nothing = Buffer.alloc(0);
    const nodes: readonly (readonly [string, Buffer])[] = [
      ["/services", nothing],
      ["/services/users", nothing],
      ["/services/users/i-1", curatorJson("users", { id: "i-1", ...at })],
      ["/sets", nothing],
      ["/sets/users", nothing],
      ["/sets/users/member_0000000000", memberJson(at)],
      ["/group", nothing],
      ["/group/member_0000000000", Buffer.from(`${HOST}:${port}`)],
    ];
    for (const [path, data] of nodes) await writer.client.create(path, data);
  });
}

function closing(client: ZkClient): AsyncDisposable & { readonly client: ZkClient } {
  client.start();
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

export async function consulStartRegistry(): Promise<StartRegistry> {
  const server = await startConsul({ persistent: true });
  const parts = {
    namers: [`{kind: io.l5d.consul, prefix: /consul, host: ${HOST}, port: ${server.port}}`],
    paths: { consul: "/#/consul/dc1/users" },
  };
  return registry(server, { host: HOST, port: 0 }, parts, ({ port }) =>
    new ConsulRegistry(server.port).put("users", [{ id: "i-1", host: HOST, port }]),
  );
}

/** A name server has no data of its own: what it reads when it starts is its configuration. */
export async function dnsStartRegistry(): Promise<StartRegistry> {
  const server = await Dnsmasq.make();
  const parts = {
    namers: [`{kind: io.l5d.dnssrv, prefix: /dns, dnsHosts: ["${HOST}:${server.port}"]}`],
    paths: { dnssrv: "/#/dns/_http._tcp.users.test" },
  };
  return registry(server, { host: HOST, port: 0 }, parts, async ({ port }) => {
    await server.write([`host-record=here.test,${HOST}`, `srv-host=_http._tcp.users.test,here.test,${port}`]);
    await server.start();
  });
}

/** To be run in the network of `inOwnNetwork`. */
export async function kubernetesStartRegistry(): Promise<StartRegistry> {
  const server = await startKubernetes({ controllers: false });
  const kubeconfig = join(server.folder, "router.kubeconfig");
  writeFileSync(kubeconfig, server.kubeconfig());
  const parts = {
    namers: [`{kind: io.l5d.k8s, prefix: /k8s, kubeconfig: ${kubeconfig}}`],
    paths: { kubernetes: "/#/k8s/shop/http/users" },
  };
  return registry(server, { host: POD, port: POD_PORT }, parts, async ({ host, port }) => {
    const about = { name: "users", namespace: "shop" };
    await server.admin.put(namespaceObject("shop"));
    await server.admin.put(serviceObject(about));
    const endpoints = [{ addresses: [host], conditions: { ready: true } }];
    await server.admin.put(sliceObject({ ...about, service: "users", port, endpoints }));
  });
}
