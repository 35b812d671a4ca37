/** What of Kubernetes is no namer, on a real API server: the identifier that goes by Ingresses, and the transformer to daemonsets. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ExplainAnswer } from "../../src/naming/explanation.ts";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { waitUntil } from "../load/wait-until.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import { namespaceObject, serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForKubernetes();
let server: KubernetesServer | undefined;

before(async () => {
  if (missing === undefined) server = await startKubernetes({ controllers: false });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

function kubeconfigOf({ folder }: KubernetesServer, name: string, text: string): string {
  const file = join(folder, `${name}.kubeconfig`);
  writeFileSync(file, text);
  return file;
}

interface Asked {
  readonly status: number;
  readonly answer: ExplainAnswer & { readonly error?: string };
}

async function explain(daemon: TestDaemon, question: object): Promise<Asked> {
  const response = await fetch(`${daemon.adminUrl}/api/explain`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
  return { status: response.status, answer: (await response.json()) as Asked["answer"] };
}

/** The logical name of a request, or why it has none. */
async function nameOf(daemon: TestDaemon, url: string): Promise<string> {
  const { status, answer } = await explain(daemon, { router: "http", request: `GET ${url}` });
  return status === 200 ? answer.path : String(answer.error);
}

async function addressesOf(daemon: TestDaemon, name: string): Promise<readonly string[]> {
  const { answer } = await explain(daemon, { router: "http", name, timeoutMs: 500 });
  return Object.values(answer.services)
    .flatMap(({ addresses }) => addresses.map(({ address }) => address))
    .toSorted();
}

interface IngressParts {
  readonly name: string;
  readonly host?: string;
  readonly path: string;
  readonly pathType: "Exact" | "Prefix" | "ImplementationSpecific";
  readonly service: string;
  readonly port: object;
  readonly className?: string;
}

const ingress = ({ name, host, path, pathType, service, port, className }: IngressParts): KubeObject => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name, namespace: "shop" },
  spec: {
    ...(className === undefined ? {} : { ingressClassName: className }),
    rules: [
      {
        ...(host === undefined ? {} : { host }),
        http: { paths: [{ path, pathType, backend: { service: { name: service, port } } }] },
      },
    ],
  },
});

const configuration = (identifier: string, more = ""): string => `
admin: {port: 0}
${more}
routers:
- protocol: http
  identifier: ${identifier}
  dtab: /svc => /#/io.l5d.k8s ;
  servers: [{port: 0}]
`;

describe("io.l5d.ingress on a real API server", () => {
  it("names requests by rules that come, change, belong to others and go, and by the last ones in an outage", async (t) => {
    if (!requireServer(t, missing) || !server) return;
    const { admin } = server;
    await admin.put(namespaceObject("shop"));
    const web = { name: "web", host: "shop.com", path: "/a", pathType: "Prefix", service: "web" } as const;
    await admin.put(ingress({ ...web, port: { number: 80 } }));
    await using proxy = await CutProxy.before(server.port);
    const file = kubeconfigOf(server, "ingress", server.kubeconfig({ port: proxy.port }));
    const namers = `namers: [{kind: io.l5d.k8s, kubeconfig: ${file}}]`;
    const identifier = `{kind: io.l5d.ingress, kubeconfig: ${file}, namespace: shop}`;
    await using daemon = await startDaemon(configuration(identifier, namers));
    const isNamed = (url: string, name: string | RegExp) =>
      waitUntil(`${url} is ${name}`, 10_000, async () => {
        const found = await nameOf(daemon, url);
        return typeof name === "string" ? found === name : name.test(found);
      });

    await isNamed("http://shop.com/a/b?c", "/svc/shop/80/web");
    assert.match(await nameOf(daemon, "http://shop.com/ab"), /no ingress rule matches/);

    await admin.put(ingress({ ...web, port: { name: "http" } }));
    await isNamed("http://SHOP.com:8080/a", "/svc/shop/http/web");
    await admin.put(
      ingress({
        name: "api",
        path: "/v[0-9]+/.*",
        pathType: "ImplementationSpecific",
        service: "api",
        port: { number: 81 },
      }),
    );
    await isNamed("http://any.example/v12/x", "/svc/shop/81/api");
    await admin.put(
      ingress({
        name: "other",
        host: "other.com",
        path: "/",
        pathType: "Prefix",
        service: "other",
        port: { number: 80 },
        className: "nginx",
      }),
    );
    await admin.put(
      ingress({
        name: "ours",
        host: "ours.com",
        path: "/",
        pathType: "Exact",
        service: "ours",
        port: { number: 80 },
        className: "linkerd",
      }),
    );
    await isNamed("http://ours.com/", "/svc/shop/80/ours");
    assert.match(await nameOf(daemon, "http://other.com/"), /no ingress rule matches/);

    await proxy.cut();
    assert.equal(await nameOf(daemon, "http://ours.com/"), "/svc/shop/80/ours");
    await admin.delete(ingress({ ...web, port: { name: "http" } }));
    await proxy.mend();
    await isNamed("http://shop.com/a", /no ingress rule matches/);
    assert.equal(await nameOf(daemon, "http://ours.com/"), "/svc/shop/80/ours");
  });
});

describe("io.l5d.k8s.daemonset on a real API server", () => {
  const endpoint = (address: string, nodeName: string): object => ({
    addresses: [address],
    nodeName,
    conditions: { ready: true },
  });
  const ways = [
    { by: "the first 24 bits of an address", hostNetwork: false },
    { by: "the names of nodes", hostNetwork: true },
  ];
  for (const { by, hostNetwork } of ways) {
    it(`puts the pods of the same nodes in the place of addresses, by ${by}, as both move`, async (t) => {
      if (!requireServer(t, missing) || !server) return;
      const { admin } = server;
      const namespace = `proxied-${hostNetwork}`;
      // By address the nodes of a service and of its proxies differ in their third byte, by name in the name alone.
      const at = (node: number, host: number): string => `10.88.${hostNetwork ? 99 : node}.${node * 10 + host}`;
      await admin.put(namespaceObject(namespace));
      for (const name of ["l5d", "users"]) await admin.put(serviceObject({ name, namespace }));
      const slice = (service: string, port: number, nodes: readonly number[], host: number): KubeObject => {
        const endpoints = nodes.map((node) => endpoint(at(node, host), `node-${node}`));
        return sliceObject({ name: `${service}-1`, namespace, service, port, endpoints });
      };
      await admin.put(slice("l5d", 4140, [1, 2, 3], 1));
      await admin.put(slice("users", 8080, [1, 3], 5));
      const file = kubeconfigOf(server, namespace, server.kubeconfig());
      const transformer = `{kind: io.l5d.k8s.daemonset, kubeconfig: ${file}, namespace: ${namespace}, service: l5d, port: http, hostNetwork: ${hostNetwork}}`;
      const namers = `namers: [{kind: io.l5d.k8s, kubeconfig: ${file}, transformers: [${transformer}]}]`;
      await using daemon = await startDaemon(configuration("{kind: io.l5d.header.token}", namers));
      const isSent = (nodes: readonly number[]) =>
        waitUntil(`requests go through the proxies of nodes ${nodes.join(", ")}`, 10_000, async () => {
          const found = await addressesOf(daemon, `/svc/${namespace}/http/users`);
          return found.join() === nodes.map((node) => `${at(node, 1)}:4140`).join();
        });

      await isSent([1, 3]);
      await admin.put(slice("users", 8080, [2], 5));
      await isSent([2]);
      await admin.put(slice("l5d", 4140, [1, 3], 1));
      await isSent([]);
      await admin.put(slice("l5d", 4140, [1, 2], 1));
      await isSent([2]);
    });
  }
});
