/** HTTP/2 with other makers' programs as callers and as endpoints, over cleartext and over TLS. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { type Authority, authority } from "../servers/certificates.ts";
import {
  envoyBack,
  envoyFront,
  nghttpxBack,
  nghttpxFront,
  nginxGrpcFront,
  nginxH2Back,
} from "../servers/h2-proxies.ts";
import { missingFor, type Program, programs } from "../servers/installed.ts";
import type { Judge } from "../servers/judge.ts";
import { requireServer } from "../servers/require.ts";

const run = promisify(execFile);
const BODY = "0123456789abcdef".repeat(20_000);
const LIMIT = { timeout: 60_000, maxBuffer: 8 * 1024 * 1024 };

const has = (t: TestContext, ...names: readonly Program[]): boolean =>
  requireServer(
    t,
    names.map(missingFor).find((each) => each !== undefined),
  );

/** Through `url`: all of 2,000 requests are answered by 2xx. */
async function load(url: string, ...more: readonly string[]): Promise<void> {
  const { stdout } = await run(
    programs.h2load,
    ["-n", "2000", "-c", "4", "-m", "16", ...more, "-H", ":authority: web", url],
    LIMIT,
  );
  assert.match(stdout, /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout/);
  assert.match(stdout, /status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx/);
}

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(programs.curl, ["-sS", "--max-time", "20", "-H", "Host: web", ...args], LIMIT);
  return stdout;
}

/** The status of an answer that may come before the body was sent: curl takes the reset behind such a one for an error. */
async function upload(url: string): Promise<number> {
  const session = http2.connect(url);
  const stream = session.request({ ":path": "/up", ":method": "POST", ":authority": "web" });
  stream.resume().end(BODY);
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status"?: number }];
  if (!stream.closed) await once(stream, "close");
  session.close();
  return headers[":status"] ?? 0;
}

/** Says in the answer's trailers how much of a body has come. */
function echoServer(): http2.Http2Server {
  const server = http2.createServer();
  server.on("session", (session) => session.on("error", () => undefined));
  server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    let length = 0;
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => (length += chunk.length));
    stream.on("end", () => {
      stream.respond(
        { ":status": 200, "content-type": String(headers["content-type"] ?? "text/plain") },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-length": String(length) }));
      stream.end(`${String(headers[":path"])} ${length}`);
    });
  });
  return server;
}

const plain = (port: number): string => `
admin: {port: 0}
routers:
- {protocol: h2, dtab: "/svc => /$/inet/127.1/${port}", servers: [{port: 0}]}
`;

describe("callers that other makers wrote", { concurrency: 1 }, () => {
  const backend = echoServer();
  let ca: Authority;
  let daemon: TestDaemon;
  let url = "";
  let tlsUrl = "";
  let tlsPort = 0;

  before(async () => {
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    ca = authority();
    const { certPath, keyPath } = ca.issue("web", { commonName: "web.example" });
    const { port } = backend.address() as AddressInfo;
    // nghttp's heads for CONTINUATION have 25 KB.
    const servers = `servers: [{port: 0, maxHeaderListBytes: 60000}, {port: 0, tls: {certPath: ${certPath}, keyPath: ${keyPath}}}]`;
    daemon = await startDaemon(plain(port).replace("servers: [{port: 0}]", servers));
    url = `http://127.0.0.1:${daemon.port}`;
    tlsPort = daemon.daemon.servers[1]?.port ?? 0;
    tlsUrl = `https://web.example:${tlsPort}`;
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    backend.close();
    ca[Symbol.dispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  const overTls = (): string[] => ["--cacert", ca.caPath, "--resolve", `web.example:${tlsPort}:127.0.0.1`];

  it("curl by prior knowledge, by upgrade and by ALPN", async (t) => {
    if (!has(t, "curl")) return;
    const say = ["-w", " %{http_version}"];
    assert.equal(await curl("--http2-prior-knowledge", ...say, `${url}/a`), "/a 0 2");
    assert.equal(await curl("--http2", ...say, `${url}/b`), "/b 0 2");
    assert.equal(await curl("--http2", ...say, ...overTls(), `${tlsUrl}/c`), "/c 0 2");
    assert.equal(await curl("--http1.1", ...say, ...overTls(), `${tlsUrl}/d`), "/d 0 1.1");
  });

  it("curl with a body", async (t) => {
    if (!has(t, "curl")) return;
    const long = BODY.slice(0, 100_000);
    for (const how of [
      ["--http2-prior-knowledge", `${url}/up`],
      ["--http2", ...overTls(), `${tlsUrl}/up`],
    ]) {
      assert.equal(await curl("--data-binary", long, ...how), `/up ${long.length}`);
    }
  });

  it("nghttp, with continuation, padding, trailers and a dependency", async (t) => {
    if (!has(t, "nghttp")) return;
    const args = ["-nv", "--continuation", "-b", "255", "-H", ":authority: web", "--no-push"];
    const { stdout } = await run(programs.nghttp, [...args, `${url}/one`, `${url}/two`, `${url}/three`], LIMIT);
    assert.equal(stdout.split(":status: 200").length - 1, 3);
    assert.match(stdout, /x-length: 0/);
    assert.doesNotMatch(stdout, /RST_STREAM|error_code=(?!NO_ERROR)/);
  });

  it("nghttp with windows of a few bytes", async (t) => {
    if (!has(t, "nghttp")) return;
    const args = ["-nv", "-w", "1", "-W", "16", "-H", ":authority: web", `${url}/narrow`];
    const { stdout } = await run(programs.nghttp, args, LIMIT);
    assert.match(stdout, /:status: 200/);
    assert.doesNotMatch(stdout, /RST_STREAM/);
  });

  it("h2load over cleartext", async (t) => {
    if (!has(t, "h2load")) return;
    await load(`${url}/load`);
  });

  it("h2load over TLS", async (t) => {
    if (!has(t, "h2load")) return;
    await load(`https://127.0.0.1:${tlsPort}/load`);
  });

  it("h2load with a table of fields that is small, narrow windows, and over HTTP/1", async (t) => {
    if (!has(t, "h2load")) return;
    await load(`${url}/load`, "--header-table-size=64", "--encoder-header-table-size=0", "-w", "10", "-W", "16");
  });

  it("node:http2, a hundred at once", async () => {
    const session = http2.connect(url);
    const answers = Array.from({ length: 100 }, async (_unused, at) => {
      const stream = session.request({ ":path": `/${at}`, ":method": "POST", ":authority": "web" });
      stream.end(BODY.slice(0, at * 100));
      let text = "";
      for await (const chunk of stream) text += chunk;
      return text;
    });
    assert.deepEqual(
      await Promise.all(answers),
      answers.map((_unused, at) => `/${at} ${at * 100}`),
    );
    session.close();
  });

  /** What a proxy in front does with a body, and under load. */
  async function through(front: Judge): Promise<void> {
    const where = `http://127.0.0.1:${front.port}`;
    assert.equal(
      await curl("--data-binary", BODY.slice(0, 100_000), "-H", "content-type: application/grpc", `${where}/x`),
      "/x 100000",
    );
    await load(`${where}/load`, "--h1");
  }

  it("Envoy over cleartext", async (t) => {
    if (!has(t, "envoy", "curl", "h2load")) return;
    await using front = await envoyFront(daemon.port);
    await through(front);
  });

  it("Envoy over TLS", async (t) => {
    if (!has(t, "envoy", "curl", "h2load")) return;
    await using front = await envoyFront(tlsPort, ca.caPath);
    await through(front);
  });

  it("nginx, which speaks HTTP/2 for gRPC", async (t) => {
    if (!has(t, "nginx", "curl", "h2load")) return;
    await using front = await nginxGrpcFront(daemon.port);
    await through(front);
  });

  it("nghttpx", async (t) => {
    if (!has(t, "nghttpx", "curl", "h2load")) return;
    await using front = await nghttpxFront(daemon.port);
    await through(front);
  });
});

describe("endpoints that other makers wrote", { concurrency: 1 }, () => {
  /** One request, 2,000 at once, and one with a body. */
  async function to(config: string): Promise<void> {
    await using daemon = await startDaemon(config);
    const url = `http://127.0.0.1:${daemon.port}`;
    assert.equal(await curl("--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code}", `${url}/one`), "200");
    await load(`${url}/load`);
    assert.equal(await upload(url), 200);
    assert.deepEqual(daemon.logged("bug"), []);
  }

  it("nginx over cleartext", async (t) => {
    if (!has(t, "nginx", "curl", "h2load")) return;
    await using back = await nginxH2Back();
    await to(plain(back.port));
  });

  it("nginx over TLS", async (t) => {
    if (!has(t, "nginx", "curl", "h2load")) return;
    using ca = authority();
    await using back = await nginxH2Back(ca.issue("web", { commonName: "web.example" }));
    const tls = `client: {tls: {commonName: web.example, trustCertsBundle: ${ca.caPath}}}, servers:`;
    await to(plain(back.port).replace("servers:", tls));
  });

  it("Envoy", async (t) => {
    if (!has(t, "envoy", "curl", "h2load")) return;
    await using back = await envoyBack();
    await to(plain(back.port));
  });

  it("nghttpx", async (t) => {
    if (!has(t, "nghttpx", "curl", "h2load")) return;
    await using origin = await RawBackend.start(() => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await using back = await nghttpxBack(origin.port);
    await to(plain(back.port));
  });

  it("node:http2", async (t) => {
    if (!has(t, "curl", "h2load")) return;
    const server = echoServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await to(plain((server.address() as AddressInfo).port));
    server.close();
  });
});
