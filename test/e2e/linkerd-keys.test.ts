// What linkerd.yaml files say of routers, servers and clients, seen by callers and endpoints of a whole daemon.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { FakeConsul } from "../fakes/consul.ts";
import { FakeKubernetes } from "../fakes/kubernetes.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";
import { Endpoint, get } from "./told-endpoint.ts";

const router = (keys: string, server = "", dtab = "/svc => /#/io.l5d.fs"): string => `
admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: disco}]
routers:
- protocol: http
  dtab: ${dtab}
  servers: [{port: 0${server}}]
${keys}
`;

describe("a router with the keys of a linkerd.yaml", () => {
  it("sends everything through the proxies beside the instances, and shows each step", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": "127.0.0.1 1\n192.0.2.1 1\n" });
    const keys = `  interpreter:
    kind: default
    transformers: [{kind: io.l5d.port, port: ${endpoint.port}}, {kind: io.l5d.localhost}]`;
    await using daemon = await startDaemon(router(keys), folder.path);
    assert.equal((await get(daemon, { host: "web" })).status, 200);
    const id = `/%/io.l5d.localhost/%/io.l5d.port/${endpoint.port}/#/io.l5d.fs/web`;
    assert.equal(endpoint.seen[0]?.["l5d-dst-client"], id);
    const explained = await fetch(
      `${daemon.adminUrl}/delegator.json?namespace=http&path=/svc/web&dtab=/svc=>/%23/io.l5d.fs`,
    );
    const text = await explained.text();
    assert.match(text, /"transformation"/);
    assert.ok(text.includes(`"id":"${id}"`), text);
  });

  it("gives a namer's transformers to that namer alone", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n`, "far/web": "192.0.2.1 1\n" });
    const text = router("", "", "/svc => /#/far | /#/near").replace(
      "namers: [{kind: io.l5d.fs, rootDir: disco}]",
      `namers:
- {kind: io.l5d.fs, rootDir: far, prefix: /far, transformers: [{kind: io.l5d.replace, path: /#/near/web}]}
- {kind: io.l5d.fs, rootDir: disco, prefix: /near, transformers: [{kind: io.l5d.specificHost, host: 127.0.0.1}]}`,
    );
    await using daemon = await startDaemon(text, folder.path);
    await get(daemon, { host: "web" });
    assert.equal(endpoint.seen[0]?.["l5d-dst-client"], "/%/io.l5d.replace/#/near/web", "as the other namer gives it");
    const near = await get(daemon, { host: "web", "l5d-dtab": "/svc => /#/near" });
    assert.equal(near.status, 200);
    assert.equal(endpoint.seen.at(-1)?.["l5d-dst-client"], "/%/io.l5d.specificHost/#/near/web");
  });

  it("tells endpoints in Forwarded who called whom", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n` });
    const server = ", addForwardedHeader: {by: {kind: 'ip:port'}, for: {kind: ip}}";
    await using daemon = await startDaemon(router("", server), folder.path);
    await get(daemon, { host: "web", forwarded: "for=9.9.9.9" });
    const expected = `for=9.9.9.9, by="127.0.0.1:${daemon.port}";for=127.0.0.1;host=web`;
    assert.equal(endpoint.seen[0]?.["forwarded"], expected);
  });

  it("refuses what is above maxConcurrentRequests at once, and takes what comes after", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n` });
    await using daemon = await startDaemon(router("", ", maxConcurrentRequests: 1"), folder.path);
    let held: ServerResponse | undefined;
    endpoint.answer = (response) => void (held = response);
    const first = get(daemon, { host: "web" });
    await waitUntil("the first request is held", 2_000, () => held !== undefined);
    const second = await get(daemon, { host: "web" });
    assert.deepEqual([second.status, second.headers["finagle-http-nack"]], [503, "true"]);
    held?.end("late");
    assert.equal((await first).body.toString(), "late");
    endpoint.answer = (response) => void response.end("ok");
    assert.equal((await get(daemon, { host: "web" })).status, 200);
  });

  it("ends a request at its server's timeout, and a connection at the end of its life", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n` });
    const server = ", timeoutMs: 500, serverSession: {lifeTimeMs: 3000}";
    await using daemon = await startDaemon(router("", server), folder.path);
    endpoint.answer = () => undefined;
    const late = await get(daemon, { host: "web" });
    assert.deepEqual([late.status, late.headers["linkspan-code"]], [504, "total.timeout"]);
    assert.match(String(endpoint.seen[0]?.["l5d-ctx-deadline"]), /^\d+ \d+$/);
  });

  it("compresses text for callers that take gzip, streams included, and nothing else", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n` });
    await using daemon = await startDaemon(router("  compressionLevel: -1"), folder.path);
    const text = "words and words and words\n".repeat(20_000);
    endpoint.answer = (response) => {
      response.writeHead(200, { "content-type": "text/plain", etag: '"1"', "content-length": String(text.length) });
      response.end(text);
    };
    const zipped = await get(daemon, { host: "web", "accept-encoding": "br;q=0, gzip" });
    assert.equal(zipped.headers["content-encoding"], "gzip");
    assert.deepEqual([zipped.headers["content-length"], zipped.headers["etag"]], [undefined, 'W/"1"']);
    assert.equal(zipped.headers["vary"], "accept-encoding");
    assert.equal(gunzipSync(zipped.body).toString(), text);
    assert.ok(zipped.body.length < text.length / 10);
    for (const accepts of ["", "gzip;q=0", "identity"]) {
      const plain = await get(daemon, { host: "web", "accept-encoding": accepts });
      assert.equal(plain.headers["content-encoding"], undefined);
      assert.equal(plain.body.toString(), text);
    }
    endpoint.answer = (response) => {
      response.writeHead(200, { "content-type": "image/png" });
      response.end("bytes");
    };
    assert.equal((await get(daemon, { host: "web", "accept-encoding": "gzip" })).body.toString(), "bytes");
  });

  it("cuts a compressed answer whose endpoint died, and serves on", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n` });
    await using daemon = await startDaemon(router("  compressionLevel: 9"), folder.path);
    endpoint.answer = (response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("beginning", () => setTimeout(() => response.destroy(), 50));
    };
    await assert.rejects(get(daemon, { host: "web", "accept-encoding": "gzip" }), /aborted|ECONNRESET|hang up/);
    endpoint.answer = (response) => void response.end("ok");
    const { body } = await get(daemon, { host: "web", "accept-encoding": "gzip" });
    assert.equal(gunzipSync(body).toString(), "ok");
  });

  it("continues Zipkin's traces where it is told to", async () => {
    await using endpoint = await Endpoint.start();
    using folder = tempFolder({ "disco/web": `127.0.0.1 ${endpoint.port}\n` });
    await using daemon = await startDaemon(router("  tracePropagator: {kind: io.l5d.zipkin}"), folder.path);
    await get(daemon, { host: "web", "x-b3-traceid": "abcdef0123456789", "x-b3-sampled": "1", "l5d-sample": "0" });
    const [seen] = endpoint.seen;
    assert.deepEqual([seen?.["x-b3-traceid"], seen?.["x-b3-sampled"]], ["abcdef0123456789", "0"]);
    assert.deepEqual([seen?.["l5d-reqid"], seen?.["l5d-ctx-trace"]], [undefined, undefined]);
  });

  it("calls endpoints by the name that Consul knows them by, and has redirections lead back here", async () => {
    await using endpoint = await Endpoint.start();
    await using consul = await FakeConsul.start();
    const service = { ID: "w", Service: "web", Port: endpoint.port, Address: "127.0.0.1" };
    consul.catalogue.write([{ Node: "n", Address: "127.0.0.1", Service: service }]);
    const text = `
admin: {port: 0}
namers: [{kind: io.l5d.consul, host: 127.0.0.1, port: ${consul.port}, setHost: true}]
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.consul/dc1
  servers: [{port: 0}]
`;
    await using daemon = await startDaemon(text);
    endpoint.answer = (response) => {
      response.writeHead(302, { location: "http://web.service.dc1.consul/there" });
      response.end();
    };
    const answer = await get(daemon, { host: "web" });
    assert.equal(answer.headers.location, "http://web/there");
    assert.equal(endpoint.seen[0]?.host, "web.service.dc1.consul");
  });

  it("names requests by the rules of Ingresses, and again when these change", async () => {
    await using endpoint = await Endpoint.start();
    await using kubernetes = await FakeKubernetes.start();
    using folder = tempFolder({ "disco/shop/80/web": `127.0.0.1 ${endpoint.port}\n` });
    const backend = { service: { name: "web", port: { number: 80 } } };
    const put = (host: string): void =>
      kubernetes.put({
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name: "web", namespace: "shop" },
        spec: { rules: [{ host, http: { paths: [{ path: "/a.*", backend }] } }] },
      });
    put("shop.com");
    const keys = `  identifier: {kind: io.l5d.ingress, host: 127.0.0.1, port: ${kubernetes.port}}`;
    await using daemon = await startDaemon(router(keys), folder.path);
    assert.equal((await get(daemon, { host: "shop.com:80" }, "/a/b?c")).status, 200);
    assert.equal(endpoint.seen[0]?.["l5d-dst-service"], "/svc/shop/80/web");
    const other = await get(daemon, { host: "shop.com" }, "/b");
    assert.deepEqual([other.status, other.headers["linkspan-code"]], [400, "request.unidentified"]);
    put("new.com");
    await waitUntil(
      "the new rule counts",
      2_000,
      async () => (await get(daemon, { host: "new.com" }, "/a")).status === 200,
    );
  });

  it("routes by every rewriting of the corpus's dtabs", async () => {
    await using endpoint = await Endpoint.start();
    const inet = `/$/inet/127.0.0.1/${endpoint.port}`;
    const dtab = `/svc => /$/io.buoyant.http.subdomainOfPfx/example.com/sub ; /sub/web => ${inet} ; /svc => /$/io.buoyant.porthostPfx/ph ; /ph/${endpoint.port} => /$/io.buoyant.rinet/${endpoint.port}`;
    using folder = tempFolder({ "disco/none": "" });
    await using daemon = await startDaemon(router("", "", dtab), folder.path);
    assert.equal((await get(daemon, { host: "web.example.com" })).status, 200);
    assert.equal((await get(daemon, { host: `127.0.0.1:${endpoint.port}` })).status, 200);
    const ids = endpoint.seen.map((headers) => headers["l5d-dst-client"]);
    assert.deepEqual(ids, [inet, `/$/io.buoyant.rinet/${endpoint.port}/127.0.0.1`]);
  });

  it("tells in Linkerd's metrics which router is the originator", async () => {
    using folder = tempFolder({ "disco/none": "" });
    await using daemon = await startDaemon(router("  originator: true"), folder.path);
    const metrics = (await (await fetch(`${daemon.adminUrl}/admin/metrics.json`)).json()) as Record<string, number>;
    assert.equal(metrics["rt/http/originator"], 1);
  });
});
