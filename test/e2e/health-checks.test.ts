/** Active health checks of a whole daemon: what fails them gets no requests, and one prober checks for all workers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { createServer, type IncomingMessage, request, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { builtins } from "../../src/builtins.ts";
import { parseConfig } from "../../src/config/load.ts";
import { systemParts } from "../../src/system-parts.ts";
import { linkThreads } from "../../src/thread-linker.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type LogLine, shownClusters, startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

/** A backend whose health a test sets; it answers all other requests with its name. */
class Backend implements AsyncDisposable {
  status = 200;
  checks = 0;
  readonly #server;
  readonly port: number;

  private constructor(server: ReturnType<typeof createServer>, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(): Promise<Backend> {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const backend = new Backend(server, (server.address() as AddressInfo).port);
    server.on("request", backend.#answer);
    return backend;
  }

  readonly #answer: RequestListener = (request, response) => {
    if (request.url !== "/health") return void response.end(String(this.port));
    this.checks++;
    response.writeHead(this.status).end();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const INTERVAL_MS = 100;
const check = (more: string): string =>
  `health: {${more}, interval: ${INTERVAL_MS}ms, timeout: 500ms, down: 3, up: 2}\n`;

function fileOf(...ports: readonly number[]): Record<string, string> {
  return { users: ports.map((port) => `127.0.0.1 ${port}\n`).join("") };
}

const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

/** The body of the answer for the host `users`. */
async function ask(port: number): Promise<string> {
  const sent = request({ host: "127.0.0.1", port, headers: { host: "users" }, agent: false });
  const [response] = (await once(sent.end(), "response")) as [IncomingMessage];
  return text(response);
}

async function statusOf(daemon: TestDaemon, port: number): Promise<string> {
  const clusters = await shownClusters(daemon);
  const endpoint = clusters.flatMap(({ endpoints }) => endpoints).find(({ address }) => address.endsWith(`:${port}`));
  return endpoint === undefined ? "" : `${endpoint.status} ${endpoint.reason}`.trim();
}

async function shown(daemon: TestDaemon, port: number, expected: string): Promise<void> {
  await waitUntil(`${port} is ${expected}`, 10_000, async () => (await statusOf(daemon, port)) === expected);
}

describe("active health checks", () => {
  it("take an endpoint out that fails them before a request has met it, and bring it back", async () => {
    await using well = await Backend.start();
    await using ill = await Backend.start();
    ill.status = 503;
    await using folder = tempFolder(fileOf(well.port, ill.port));
    // In turn: the first request of all is slow, and who had it would be spared by how long requests take.
    const yaml = `admin: {port: 0}\nsources: {files: {files: .}}\nroutes: {users: files/users}\nlisten: 0\nbalancer: roundRobin\n${check("kind: http")}`;
    await using daemon = await startDaemon(yaml, folder.path);
    await ask(daemon.port);
    await shown(daemon, ill.port, "busy fails its health checks: 503");
    for (let n = 0; n < 20; n++) assert.equal(await ask(daemon.port), String(well.port));
    assert.equal(daemon.logged("endpoint.ejected")[0]?.["reason"], "fails its health checks: 503");
    ill.status = 204;
    await shown(daemon, ill.port, "open");
    const asked = await Promise.all(Array.from({ length: 40 }, () => ask(daemon.port)));
    assert.ok(asked.includes(String(ill.port)));
    const metrics = await textAt(`${daemon.adminUrl}/metrics`);
    assert.match(metrics, /linkspan_health_checks_total\{router="http",result="passed"\} \d+/);
  });

  it("are made once for all workers, and their results outlive the control thread", async () => {
    await using well = await Backend.start();
    await using ill = await Backend.start();
    ill.status = 500;
    await using folder = tempFolder(fileOf(well.port, ill.port));
    const yaml = `workers: 3\nadmin: {port: 0}\nsources: {files: {files: .}}\nroutes: {users: files/users}\nlisten: 0\n${check("kind: http")}`;
    const config = await parseConfig(yaml, { file: "test.yaml", baseDir: folder.path, builtins });
    const log: LogLine[] = [];
    const writeLog = (line: string): void => void log.push(JSON.parse(line) as LogLine);
    await using stack = new AsyncDisposableStack();
    const daemon = await linkThreads(config, { ...systemParts(config, writeLog), writeLog });
    stack.defer(() => daemon.close());
    const port = daemon.servers[0]?.port ?? 0;
    const ejected = (): number => log.filter(({ event }) => event === "endpoint.ejected").length;
    // Each connection goes to one of the workers.
    await waitUntil("every worker has taken it out", 20_000, async () => {
      await Promise.all(Array.from({ length: 10 }, () => ask(port)));
      return ejected() === 3;
    });
    const before = well.checks;
    const since = performance.now();
    await letPass(2_000);
    const rate = ((well.checks - before) * INTERVAL_MS) / (performance.now() - since);
    assert.ok(rate > 0.3 && rate < 1.5, `${rate.toFixed(2)} checks in each interval`);
    // The next control thread comes after that, and knows nothing at first, which makes nobody well.
    await daemon.supervisor.terminate("control", 500);
    const until = performance.now() + 1_500;
    while (performance.now() < until) assert.equal(await ask(port), String(well.port));
    ill.status = 200;
    const back = (): boolean => log.filter(({ event }) => event === "endpoint.readmitted").length === 3;
    await waitUntil("every worker has it back", 20_000, back);
  });

  it("by gRPC pass by SERVING, and by TCP by a connection", async () => {
    let serving = 2;
    const server = createHttp2Server();
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      stream.resume();
      if (headers[":path"] !== "/grpc.health.v1.Health/Check")
        return void (stream.respond({ ":status": 404 }), stream.end());
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, serving]));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    try {
      await using folder = tempFolder(fileOf(port));
      const routes = `admin: {port: 0}\nsources: {files: {files: .}}\nlisten: {h2: 0}\n`;
      const yaml = `${routes}routes: {users: {to: files/users, ${check("kind: grpc, service: shop").trim()}}}\n`;
      await using daemon = await startDaemon(yaml, folder.path);
      const session = connect(`http://127.0.0.1:${daemon.port}`);
      session.request({ ":path": "/", ":authority": "users" }).resume().end();
      await shown(daemon, port, "busy fails its health checks: NOT_SERVING");
      serving = 1;
      await shown(daemon, port, "open");
      session.destroy();
      const tcp = `${routes}routes: {users: {to: files/users, ${check("kind: tcp").trim()}}}\n`;
      await using other = await startDaemon(tcp, folder.path);
      const second = connect(`http://127.0.0.1:${other.port}`);
      second.request({ ":path": "/", ":authority": "users" }).resume().end();
      const passed = async (): Promise<boolean> =>
        /health_checks_total\{router="h2",result="passed"\}/.test(await textAt(`${other.adminUrl}/metrics`));
      await waitUntil("a check by TCP has passed", 10_000, passed);
      second.destroy();
    } finally {
      server.close();
    }
  });
});
