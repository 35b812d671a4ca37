/** The whole way of a request through a daemon: bodies, framing, limits of time, and what each side sees of the other. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Writable } from "node:stream";
import { describe, it } from "node:test";
import { RawCaller } from "../fakes/raw-caller.ts";
import { askOnce } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { spawnDaemon } from "./cli.ts";
import { type TestDaemon, shownClusters, startDaemon } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

interface HandledBackend extends AsyncDisposable {
  readonly port: number;
}

async function backendThat(
  handle: Handler,
  prepare: (server: Server) => void = () => undefined,
): Promise<HandledBackend> {
  const server = createServer({ keepAliveTimeout: 600_000 }, handle);
  prepare(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const linkerdYaml = (more = ""): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: .}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
${more}`;

interface Site extends AsyncDisposable {
  readonly port: number;
  readonly daemon: TestDaemon;
}

/** A daemon in this process that knows each of the backends by its name. */
async function siteOf(backends: Readonly<Record<string, HandledBackend>>, yaml = linkerdYaml()): Promise<Site> {
  const folder = folderOf(backends);
  const daemon = await startDaemon(yaml, folder.path);
  return {
    port: daemon.port,
    daemon,
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function folderOf(backends: Readonly<Record<string, HandledBackend>>): TempFolder {
  return tempFolder(
    Object.fromEntries(Object.entries(backends).map(([name, { port }]) => [name, `127.0.0.1 ${port}\n`])),
  );
}

async function exchangeBytes(port: number, bytes: string, isOver: (got: string) => boolean): Promise<string> {
  using caller = await RawCaller.connect(port);
  caller.send(bytes);
  await caller.until(({ got }) => isOver(got));
  return caller.got;
}

const headOf = (got: string): string => got.slice(0, got.indexOf("\r\n\r\n") + 2).toLowerCase();

const MiB = 1 << 20;
const bodyBytes = 50 * MiB;
const piece = Buffer.alloc(64 * 1024, "linkspan");

/** Writes `piece` as often as it takes, as fast as the other side lets it. */
async function writeBody(into: Writable): Promise<void> {
  for (let sent = 0; sent < bodyBytes; sent += piece.length) {
    if (!into.write(piece)) await once(into, "drain");
  }
}

describe("50 MiB go through the daemon in bounded memory", { timeout: 120_000 }, () => {
  const rssOf = (pid: number): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;

  it("both ways at once, and one way while the other side takes nothing", async () => {
    let takeUpload: (() => void) | undefined;
    await using backend = await backendThat((incoming, response) => {
      if (incoming.url === "/echo") return void incoming.pipe(response);
      if (incoming.url === "/down") return void writeBody(response).then(() => response.end());
      let taken = 0;
      takeUpload = () => {
        incoming.on("data", (bytes: Buffer) => (taken += bytes.length));
        incoming.on("end", () => response.end(String(taken)));
      };
    });
    using folder = folderOf({ users: backend });
    folder.write("linkspan.yaml", linkerdYaml());
    await using daemon = await spawnDaemon("linkspan.yaml", { cwd: folder.path });
    const pid = daemon.process.child.pid ?? 0;
    const call = (path: string, method: string) =>
      request({ port: daemon.port, host: "127.0.0.1", path, method, headers: { host: "users" }, agent: false });

    const echo = async (): Promise<void> => {
      const up = call("/echo", "POST");
      const answered = once(up, "response");
      const written = writeBody(up).then(() => up.end());
      const [response] = (await answered) as [IncomingMessage];
      let got = 0;
      for await (const bytes of response) got += (bytes as Buffer).length;
      await written;
      assert.equal(got, bodyBytes);
    };
    await echo();
    const before = rssOf(pid);
    let peak = before;
    const watching = setInterval(() => (peak = Math.max(peak, rssOf(pid))), 20);
    try {
      await echo();

      const up = call("/up", "POST");
      const answered = once(up, "response");
      const written = writeBody(up).then(() => up.end());
      await waitUntil("the backend sees the upload", 5_000, () => takeUpload !== undefined);
      await letPass(700);
      const underWay = up.socket?.bytesWritten ?? 0;
      assert.ok(underWay < 30 * MiB, `${underWay} bytes were taken from the caller that nobody had read`);
      takeUpload?.();
      await written;
      const [response] = (await answered) as [IncomingMessage];
      assert.equal(await textOf(response), String(bodyBytes));

      const down = call("/down", "GET");
      down.end();
      const [slow] = (await once(down, "response")) as [IncomingMessage];
      slow.pause();
      await letPass(700);
      let got = 0;
      for await (const bytes of slow) got += (bytes as Buffer).length;
      assert.equal(got, bodyBytes);
    } finally {
      clearInterval(watching);
    }
    assert.ok(peak - before < 30 * MiB, `the daemon grew by ${Math.round((peak - before) / MiB)} MiB`);
  });
});

async function textOf(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const bytes of message) text += String(bytes);
  return text;
}

describe("messages keep their meaning on the way", { timeout: 60_000 }, () => {
  const handle: Handler = (incoming, response) => {
    if (incoming.url === "/none") return void response.writeHead(204).end();
    if (incoming.url === "/same") return void response.writeHead(304, { etag: '"1"' }).end();
    if (incoming.url === "/trailers") {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("body");
      response.addTrailers({ "x-sum": "4" });
      return void response.end();
    }
    if (incoming.url === "/pieces") {
      response.write("two ");
      return void response.end("pieces");
    }
    void textOf(incoming).then((body) => {
      const sum = incoming.trailers["x-sum"] ?? "-";
      response.setHeader("x-method", incoming.method ?? "");
      response.end(`${incoming.url} ${incoming.httpVersion} ${body} ${sum}`);
    });
  };

  it("HEAD, 204 and 304 have no body and the connection goes on", async () => {
    await using users = await backendThat(handle);
    await using site = await siteOf({ users });
    const bytes = ["HEAD /head", "GET /none", "GET /same", "GET /last"]
      .map((line) => `${line} HTTP/1.1\r\nHost: users\r\n\r\n`)
      .join("");
    const got = await exchangeBytes(site.port, bytes, (text) => text.includes("/last 1.1"));
    const heads = got.split("\r\n\r\n").slice(0, 4);
    assert.deepEqual(
      heads.map((head) => head.slice(0, 12)),
      ["HTTP/1.1 200", "HTTP/1.1 204", "HTTP/1.1 304", "HTTP/1.1 200"],
    );
    assert.match(got, /x-method: HEAD/i);
    assert.doesNotMatch(heads[1] ?? "", /content-length|transfer-encoding/i);
  });

  it("trailers pass in both directions", async () => {
    await using users = await backendThat(handle);
    await using site = await siteOf({ users });
    const up =
      "POST /up HTTP/1.1\r\nHost: users\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\nx-sum: 5\r\n\r\n";
    assert.match(await exchangeBytes(site.port, up, (got) => got.includes("/up")), /\/up 1\.1 abcde 5/);
    const down = await exchangeBytes(
      site.port,
      "GET /trailers HTTP/1.1\r\nHost: users\r\nTE: trailers\r\n\r\n",
      (got) => got.includes("x-sum: 4\r\n\r\n"),
    );
    assert.match(down, /\r\n4\r\nbody\r\n0\r\nx-sum: 4\r\n\r\n$/);
  });

  it("an HTTP/1.0 caller gets an answer that it can read, and the end of the connection", async () => {
    await using users = await backendThat(handle);
    await using site = await siteOf({ users });
    using caller = await RawCaller.connect(site.port);
    caller.send("GET /pieces HTTP/1.0\r\nHost: users\r\n\r\n");
    await caller.until(({ state }) => state === "ended");
    assert.doesNotMatch(headOf(caller.got), /transfer-encoding/);
    assert.match(caller.got, /\r\n\r\ntwo pieces$/);
  });

  it("pipelined requests are answered in their order, however long each takes", async () => {
    await using users = await backendThat((incoming, response) => {
      const delay = Number(incoming.url?.slice(1));
      setTimeout(() => response.end(`<${delay}>`), delay);
    });
    await using site = await siteOf({ users });
    const delays = [120, 1, 60, 0, 30];
    const bytes = delays.map((delay) => `GET /${delay} HTTP/1.1\r\nHost: users\r\n\r\n`).join("");
    const got = await exchangeBytes(site.port, bytes, (text) => (text.match(/<\d+>/g) ?? []).length === delays.length);
    assert.deepEqual(
      got.match(/<\d+>/g),
      delays.map((delay) => `<${delay}>`),
    );
  });

  it("a caller that waits for a 100 gets it, and sends its body then", async () => {
    await using users = await backendThat(handle);
    await using site = await siteOf({ users });
    using caller = await RawCaller.connect(site.port);
    caller.send("POST /big HTTP/1.1\r\nHost: users\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    await caller.until(({ got }) => got.includes("HTTP/1.1 100 "));
    assert.doesNotMatch(caller.got, /HTTP\/1\.1 200/);
    caller.send("body");
    await caller.until(({ got }) => got.includes("/big 1.1 body"));
    assert.equal(caller.got.match(/HTTP\/1\.1 100 /g)?.length, 1);
  });
});

describe("time and departures", { timeout: 60_000 }, () => {
  it("a caller that leaves in the middle of an answer frees the endpoint", async () => {
    let closed = 0;
    await using users = await backendThat((_incoming, response) => {
      const timer = setInterval(() => response.write(piece), 5);
      response.on("close", () => {
        closed++;
        clearInterval(timer);
      });
    });
    await using site = await siteOf({ users });
    using caller = await RawCaller.connect(site.port);
    caller.send("GET / HTTP/1.1\r\nHost: users\r\n\r\n");
    await caller.until(({ got }) => got.length > 200_000);
    caller.socket.destroy();
    await waitUntil("the backend hears of it", 2_000, () => closed === 1);
    await waitUntil("nothing is in flight", 2_000, async () => {
      const state = (await (await fetch(`${site.daemon.adminUrl}/admin/names`)).json()) as {
        routers: { clusters: { endpoints: { pending: number; connections: number }[] }[] }[];
      };
      const [endpoint] = state.routers[0]?.clusters[0]?.endpoints ?? [];
      return endpoint?.pending === 0 && endpoint.connections === 0;
    });
  });

  it("one attempt that takes too long ends with 504 and attempt.timeout", async () => {
    await using users = await backendThat(() => undefined);
    await using site = await siteOf({ users }, linkerdYaml("  client: {requestAttemptTimeoutMs: 100}\n"));
    const answer = await askOnce({ port: site.port, host: "users" });
    assert.deepEqual([answer.status, answer.code], [504, "attempt.timeout"]);
    assert.ok(answer.tookMs >= 95, `after ${answer.tookMs} ms`);
  });

  it("a request that takes too long in all ends with 504 and total.timeout", async () => {
    await using users = await backendThat(() => undefined);
    await using site = await siteOf({ users }, linkerdYaml("  service: {totalTimeoutMs: 150}\n"));
    const answer = await askOnce({ port: site.port, host: "users" });
    assert.deepEqual([answer.status, answer.code], [504, "total.timeout"]);
    assert.ok(answer.tookMs >= 145, `after ${answer.tookMs} ms`);
  });

  it("an answer that began in time may take as long as it takes", async () => {
    await using users = await backendThat((_incoming, response) => {
      response.write("begun ");
      setTimeout(() => response.end("done"), 400);
    });
    await using site = await siteOf({ users }, linkerdYaml("  client: {requestAttemptTimeoutMs: 150}\n"));
    const answer = await askOnce({ port: site.port, host: "users" });
    assert.deepEqual([answer.status, answer.body], [200, "begun done"]);
  });
});

describe("what callers say of names", { timeout: 60_000 }, () => {
  const named =
    (name: string): Handler =>
    (incoming, response) =>
      void response.end(`${name} ${JSON.stringify(incoming.rawHeaders)}`);
  const shortForm = (more = ""): string => `
admin: {port: 0}
sources: {files: {files: .}}
routes: {"*": files/*}
listen: 0
${more}`;
  const ask = async (site: Site, fields: string): Promise<string> =>
    exchangeBytes(site.port, `GET / HTTP/1.1\r\nHost: users\r\n${fields}\r\n`, (got) => got.endsWith("]"));
  const answeredBy = (got: string): string => got.slice(got.indexOf("\r\n\r\n") + 4).split(" ")[0] ?? "";

  it("a linkerd.yaml honours l5d-dtab, the short form only from whom it trusts", async () => {
    await using users = await backendThat(named("users"));
    await using canary = await backendThat(named("canary"));
    const cases: readonly (readonly [string, string, string])[] = [
      [linkerdYaml(), "/svc/users => /#/io.l5d.fs/canary", "canary"],
      [
        linkerdYaml().replace("{port: 0}]", "{port: 0, clearContext: true}]"),
        "/svc/users => /#/io.l5d.fs/canary",
        "users",
      ],
      [shortForm(), "/svc/users => /#/files/canary", "users"],
      [shortForm("trust: [10.0.0.0/8]"), "/svc/users => /#/files/canary", "users"],
      [shortForm("trust: [127.0.0.0/8]"), "/svc/users => /#/files/canary", "canary"],
    ];
    for (const [yaml, dtab, by] of cases) {
      await using site = await siteOf({ users, canary }, yaml);
      const got = await ask(site, `l5d-dtab: ${dtab}\r\n`);
      assert.equal(answeredBy(got), by, yaml);
      assert.doesNotMatch(got, /"l5d-dtab"/i);
      assert.equal(/"l5d-ctx-dtab"/.test(got), by === "canary", yaml);
      assert.equal(answeredBy(await ask(site, "")), "users", "the override outlived its request");
    }
  });

  it("a backend sees where a request went, and nothing of what the caller says of that or of its connection", async () => {
    await using users = await backendThat(named("users"));
    await using site = await siteOf({ users });
    const got = await ask(
      site,
      "Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n" +
        "TE: gzip\r\nl5d-dst-service: /forged\r\nl5d-dst-client: /forged\r\nl5d-err: forged\r\nl5d-success-class: 1\r\n" +
        "Via: 1.1 front\r\nX-Kept: yes\r\nX-Forwarded-For: 10.0.0.9\r\n",
    );
    const raw = JSON.parse(got.slice(got.indexOf("["))) as string[];
    const seen: Record<string, string> = {};
    for (let at = 0; at < raw.length; at += 2) {
      const name = (raw[at] ?? "").toLowerCase();
      assert.ok(!(name in seen), `${name} came twice`);
      seen[name] = raw[at + 1] ?? "";
    }
    const { "l5d-reqid": requestId, "l5d-ctx-trace": trace, ...rest } = seen;
    assert.match(requestId ?? "", /^[0-9a-f]{16}$/);
    assert.equal(Buffer.from(trace ?? "", "base64").length, 32);
    assert.deepEqual(rest, {
      host: "users",
      "x-kept": "yes",
      "x-forwarded-for": "10.0.0.9",
      via: "1.1 front, 1.1 linkspan",
      "l5d-dst-service": "/svc/users",
      "l5d-dst-client": "/#/io.l5d.fs/users",
    });
    assert.match(headOf(got), /\r\nl5d-success-class: 1\.0\r\n/);
    assert.deepEqual(
      (await shownClusters(site.daemon)).map(({ id }) => id),
      ["/#/io.l5d.fs/users"],
    );
  });
});
