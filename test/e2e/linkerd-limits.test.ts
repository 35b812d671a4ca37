// The sizes, pools and lifetimes that linkerd.yaml files set, each seen to have its effect on a whole daemon.
import assert from "node:assert/strict";
import { Agent, type ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { FakeConsul } from "../fakes/consul.ts";
import { FakeKubernetes } from "../fakes/kubernetes.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { Endpoint, get } from "./told-endpoint.ts";

/** A router on a free port whose names all lead to `endpoint`. */
function withKeys(endpoint: Endpoint, keys: string, { protocol = "http", server = "" } = {}): Promise<TestDaemon> {
  return startDaemon(`
admin: {port: 0}
routers:
- protocol: ${protocol}
  dtab: /svc => /$/inet/127.0.0.1/${endpoint.port}
  servers: [{port: 0${server}}]
${keys}
`);
}

/** Answers 500 to every other request, beginning with the first. */
function failEveryOther(endpoint: Endpoint): void {
  let count = 0;
  endpoint.answer = (response) => {
    count += 1;
    response.statusCode = count % 2 === 1 ? 500 : 200;
    response.end();
  };
}

const retried = "  service: {responseClassifier: {kind: io.l5d.KIND.retryableAll5XX}}";

describe("a linkerd.yaml's limits", () => {
  it("maxInitialLineKB and maxHeadersKB say how long a request's line and headers may be", async () => {
    await using endpoint = await Endpoint.start();
    await using small = await withKeys(endpoint, "  maxInitialLineKB: 1\n  maxHeadersKB: 2");
    const asked = async (path: number, header: number): Promise<number> =>
      (await get(small, { host: "web", "x-long": "x".repeat(header) }, `/${"p".repeat(path)}`)).status;
    assert.deepEqual([await asked(900, 1_500), await asked(1_100, 1), await asked(1, 2_100)], [200, 414, 431]);
    await using large = await withKeys(endpoint, "  maxInitialLineKB: 8\n  maxHeadersKB: 10");
    assert.equal((await get(large, { host: "web", "x-long": "x".repeat(9_000) }, `/${"p".repeat(6_000)}`)).status, 200);
  });

  it("streamAfterContentLengthKB says how long a body may be that is sent again", async () => {
    await using endpoint = await Endpoint.start();
    const classified = retried.replace("KIND", "http");
    for (const [keys, length, status] of [
      ["", 5_000, 200],
      ["", 6_000, 500],
      ["  streamAfterContentLengthKB: 1\n", 2_000, 500],
      ["  streamAfterContentLengthKB: 10\n", 9_000, 200],
    ] as const) {
      failEveryOther(endpoint);
      await using daemon = await withKeys(endpoint, keys + classified);
      const headers = { host: "web", "content-length": String(length) };
      const answer = await get(daemon, headers, "/", { body: "x".repeat(length) });
      assert.equal(answer.status, status, `${length} bytes with ${keys || "the default"}`);
    }
  });

  it("requestBytes says it on an h2 router", async () => {
    await using endpoint = await Endpoint.start();
    const classified = `${retried.replace("KIND", "h2").slice(0, -1)}, retryBufferSize: {requestBytes: BYTES}}\n`;
    for (const [bytes, length, status] of [
      [16_383, 16_000, 200],
      [1_000, 900, 200],
      [1_000, 1_100, 500],
    ] as const) {
      failEveryOther(endpoint);
      const keys = `${classified.replace("BYTES", String(bytes))}  client: {protocol: http}`;
      await using daemon = await withKeys(endpoint, keys, { protocol: "h2" });
      const answer = await get(daemon, { host: "web" }, "/", { body: "x".repeat(length) });
      assert.equal(answer.status, status, `${length} of ${bytes} bytes`);
    }
  });

  it("hostConnectionPool says how many connections there are to an endpoint, and how many may wait for one", async () => {
    await using endpoint = await Endpoint.start();
    const keys = "  client: {hostConnectionPool: {minSize: 1, maxSize: 2, idleTimeMs: 300, maxWaiters: 1}}";
    await using daemon = await withKeys(endpoint, keys);
    const held: ServerResponse[] = [];
    endpoint.answer = (response) => void held.push(response);
    const first = [get(daemon, { host: "web" }), get(daemon, { host: "web" })];
    await waitUntil("two are held", 2_000, () => held.length === 2);
    const waits = get(daemon, { host: "web" });
    const refused = await get(daemon, { host: "web" });
    assert.deepEqual([refused.status, refused.headers["linkspan-code"]], [503, "cluster.overloaded"]);
    endpoint.answer = (response) => void response.end();
    for (const response of held) response.end();
    for (const answer of await Promise.all([...first, waits])) assert.equal(answer.status, 200);
    await waitUntil("one connection is kept", 5_000, async () => (await endpoint.connections) === 1);
  });

  it("clientSession ends connections to endpoints that are idle for so long", async () => {
    await using endpoint = await Endpoint.start();
    await using daemon = await withKeys(endpoint, "  client: {clientSession: {idleTimeMs: 200}}");
    assert.equal((await get(daemon, { host: "web" })).status, 200);
    await waitUntil("it is closed", 5_000, async () => (await endpoint.connections) === 0);
  });

  it("serverSession ends callers' connections that are idle, or so old after what is under way", async () => {
    await using endpoint = await Endpoint.start();
    for (const session of ["idleTimeMs: 200", "lifeTimeMs: 300"]) {
      await using daemon = await withKeys(endpoint, "", { server: `, serverSession: {${session}}` });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      assert.equal((await get(daemon, { host: "web" }, "/", { agent })).status, 200);
      const open = (): number => Object.values(agent.freeSockets).flat().length;
      assert.equal(open(), 1, session);
      await waitUntil(`its end by ${session}`, 5_000, () => open() === 0);
      agent.destroy();
    }
  });
});

describe("a linkerd.yaml's words on registries", () => {
  it("readConsistencyMode and datacenter are what the interpreter asks Consul with", async () => {
    await using endpoint = await Endpoint.start();
    await using consul = await FakeConsul.start();
    consul.kv.write("namerd/dtabs/web", `/svc => /$/inet/127.0.0.1/${endpoint.port}`);
    const keys = `  interpreter: {kind: io.l5d.consul.interpreter, host: 127.0.0.1, port: ${consul.port}, namespace: web,
    datacenter: dc1, readConsistencyMode: stale}`;
    await using daemon = await withKeys(endpoint, keys);
    assert.equal((await get(daemon, { host: "web" })).status, 200);
    const read = consul.asked.find((each) => each.includes("/v1/kv/namerd/dtabs/web"));
    assert.match(read ?? "", /[?&]stale\b.*dc=dc1|dc=dc1.*[?&]stale\b/);
  });

  it("ingressClassAnnotation says which Ingresses count, beside those that say no class", async () => {
    await using endpoint = await Endpoint.start();
    await using kubernetes = await FakeKubernetes.start();
    const put = (name: string, annotations: object): void =>
      kubernetes.put({
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name, namespace: "shop", annotations },
        spec: {
          rules: [{ host: name, http: { paths: [{ backend: { service: { name, port: { number: 80 } } } }] } }],
        },
      });
    put("plain", {});
    put("ours", { "kubernetes.io/ingress.class": "edge" });
    put("linkerds", { "kubernetes.io/ingress.class": "linkerd" });
    const keys = `  identifier: {kind: io.l5d.ingress, host: 127.0.0.1, port: ${kubernetes.port}, ingressClassAnnotation: edge}`;
    await using daemon = await withKeys(endpoint, keys);
    const asked = async (host: string): Promise<number> => (await get(daemon, { host })).status;
    assert.deepEqual([await asked("plain"), await asked("ours"), await asked("linkerds")], [200, 200, 400]);
  });

  it("k8sHost and k8sPort say where the daemonset of a transformer is read", async () => {
    await using endpoint = await Endpoint.start();
    await using kubernetes = await FakeKubernetes.start();
    kubernetes.put({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "l5d-1", namespace: "mesh", labels: { "kubernetes.io/service-name": "l5d" } },
      addressType: "IPv4",
      ports: [{ name: "incoming", port: endpoint.port, protocol: "TCP" }],
      endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
    });
    const keys = `  interpreter:
    kind: default
    transformers:
    - {kind: io.l5d.k8s.daemonset, namespace: mesh, service: l5d, port: incoming, k8sHost: 127.0.0.1, k8sPort: ${kubernetes.port}}`;
    await using elsewhere = await Endpoint.start();
    await using daemon = await withKeys(elsewhere, keys);
    assert.equal((await get(daemon, { host: "web" })).status, 200);
    assert.deepEqual([endpoint.seen.length, elsewhere.seen.length], [1, 0], "the proxy in its network, and not it");
  });
});
