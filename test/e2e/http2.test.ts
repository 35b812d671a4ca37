/** HTTP/2 through a daemon, with Node's own HTTP/2 as caller and as backend. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { waitUntil } from "../load/wait-until.ts";
import { type TestDaemon, shownClusters, startDaemon } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

interface Answer {
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly trailers: http2.IncomingHttpHeaders | undefined;
  readonly body: Buffer;
}

/** Resolves with the whole answer; rejects with the error of a reset. */
function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: Buffer,
  trailers?: http2.OutgoingHttpHeaders,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ":authority": "web", ...headers },
      { endStream: body === undefined, waitForTrailers: trailers !== undefined },
    );
    const chunks: Buffer[] = [];
    let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    let trailing: http2.IncomingHttpHeaders | undefined;
    stream.on("response", (received) => (head = received));
    stream.on("trailers", (received) => (trailing = received));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      resolve({ status: head[":status"] ?? 0, headers: head, trailers: trailing, body: Buffer.concat(chunks) });
    });
    if (trailers) stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    if (body) stream.end(body);
  });
}

const codeOf = async (answer: Promise<Answer>): Promise<string> => {
  try {
    const { status } = await answer;
    return `answered ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const yaml = `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: .}
routers:
- protocol: h2
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
- protocol: http
  label: crossing
  dtab: /svc => /#/io.l5d.fs
  client: {protocol: h2}
  servers: [{port: 0}]
- protocol: http
  label: old
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 0}]
`;

describe("HTTP/2 through a daemon", () => {
  const seen: http2.IncomingHttpHeaders[] = [];
  const streams: http2.ServerHttp2Stream[] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  const handlers = new Map<string, (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void>();
  const backend = http2.createServer({ settings: { enableConnectProtocol: true } });
  let folder: TempFolder;
  let daemon: TestDaemon;
  let session: http2.ClientHttp2Session;

  before(async () => {
    backend.on("session", (each) => {
      sessions.add(each);
      each.on("close", () => sessions.delete(each));
      each.on("error", () => undefined);
    });
    backend.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      seen.push(headers);
      streams.push(stream);
      stream.on("error", () => undefined);
      const handle = handlers.get(String(headers[":path"]));
      if (handle) return handle(stream, headers);
      stream.respond({ ":status": 200 });
      stream.end("hello");
    });
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    folder = tempFolder({ web: `127.0.0.1 ${(backend.address() as AddressInfo).port}\n` });
    daemon = await startDaemon(yaml, folder.path);
    session = http2.connect(`http://127.0.0.1:${daemon.port}`);
    session.on("error", () => undefined);
  });

  after(async () => {
    session.destroy();
    await daemon[Symbol.asyncDispose]();
    for (const each of sessions) each.destroy();
    backend.close();
    folder[Symbol.dispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  it("a request goes through with its fields, and comes back with its answer's", async () => {
    const answer = await ask(session, { ":path": "/plain?x=1", "x-one": "1", cookie: "a=1; b=2" });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.toString(), "hello");
    const got = seen.at(-1);
    assert.equal(got?.[":authority"], "web");
    assert.equal(got?.[":path"], "/plain?x=1");
    assert.equal(got?.["x-one"], "1");
    assert.equal(got?.cookie, "a=1; b=2");
    assert.equal(got?.["host"], undefined);
  });

  it("large bodies go both ways at once, with trailers at both ends", async () => {
    handlers.set("/echo", (stream) => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      let received: http2.IncomingHttpHeaders = {};
      stream.on("trailers", (trailers) => (received = trailers));
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": String(received["x-request"]) }));
      stream.pipe(stream);
    });
    const body = Buffer.alloc(3_000_000, "0123456789abcdef!");
    const answer = await ask(session, { ":path": "/echo", ":method": "POST" }, body, { "x-request": "7" });
    assert.ok(answer.body.equals(body));
    assert.equal(answer.trailers?.["x-sum"], "7");
  });

  it("five hundred requests at once share one connection to the endpoint", async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => ask(session, { ":path": "/many" })));
    assert.ok(answers.every(({ status, body }) => status === 200 && body.toString() === "hello"));
    assert.equal(sessions.size, 1);
  });

  it("interim answers pass, and a HEAD has no body", async () => {
    handlers.set("/hints", (stream) => {
      stream.additionalHeaders({ ":status": 103, link: "</a.css>" });
      stream.respond({ ":status": 200, "content-length": "5" });
      stream.end();
    });
    const stream = session.request({ ":path": "/hints", ":method": "HEAD", ":authority": "web" });
    const interims: unknown[] = [];
    stream.on("headers", (headers) => interims.push([headers[":status"], headers["link"]]));
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    stream.resume();
    await once(stream, "end");
    assert.deepEqual(interims, [[103, "</a.css>"]]);
    assert.equal(headers["content-length"], "5");
  });

  it("a caller that leaves takes its stream at the endpoint with it, and the connection stays", async () => {
    handlers.set("/slow", () => undefined);
    const stream = session.request({ ":path": "/slow", ":authority": "web" });
    stream.on("error", () => undefined);
    await waitUntil("the endpoint sees the request", 5000, () => seen.at(-1)?.[":path"] === "/slow");
    const there = streams.at(-1) as http2.ServerHttp2Stream;
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await waitUntil("the endpoint sees the reset", 5000, () => there.destroyed);
    assert.equal(there.rstCode, http2.constants.NGHTTP2_CANCEL);
    assert.equal((await ask(session, { ":path": "/after" })).status, 200);
    assert.equal(sessions.size, 1);
  });

  it("an answer that breaks off is a reset, never a short one that looks whole", async () => {
    handlers.set("/broken", (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("half", () => stream.destroy(new Error("broken")));
    });
    assert.match(await codeOf(ask(session, { ":path": "/broken" })), /NGHTTP2_INTERNAL_ERROR/);
  });

  it("a request that was refused unprocessed is asked again", async () => {
    let asked = 0;
    handlers.set("/refused", (stream) => {
      if (++asked === 1) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      stream.respond({ ":status": 200 });
      stream.end("at last");
    });
    const answer = await ask(session, { ":path": "/refused" });
    assert.equal(answer.body.toString(), "at last");
    assert.equal(asked, 2);
  });

  it("an endpoint that goes away finishes what it has, and is connected to anew", async () => {
    const release: (() => void)[] = [];
    handlers.set("/held", (stream) => {
      release.push(() => {
        stream.respond({ ":status": 200 });
        stream.end("held");
      });
    });
    const held = ask(session, { ":path": "/held" });
    await waitUntil("the request is held", 5000, () => release.length === 1);
    const [old] = sessions;
    old?.goaway(http2.constants.NGHTTP2_NO_ERROR, old.state.lastProcStreamID ?? 0);
    await waitUntil("a new connection is made", 5000, async () => {
      await ask(session, { ":path": "/new" });
      return sessions.size === 2;
    });
    release[0]?.();
    assert.equal((await held).body.toString(), "held");
    await waitUntil("the old connection ends", 5000, async () => {
      const endpoints = (await shownClusters(daemon)).flatMap((cluster) => cluster.endpoints);
      return endpoints.every(({ connections }) => connections === 1);
    });
    // Node's own side does not see the end of a connection that it has said goodbye to.
    old?.destroy();
  });

  it("failures are answered as over HTTP/1", async () => {
    const answer = await ask(session, { ":path": "/x", ":authority": "nobody" });
    assert.equal(answer.status, 502);
    assert.equal(answer.headers["linkspan-code"], "name.negative");
  });

  it("callers of HTTP/1 reach an endpoint of HTTP/2 on the same port or another", async () => {
    for (const { port } of daemon.daemon.servers.slice(0, 2)) {
      const request = http.request({
        port,
        host: "127.0.0.1",
        path: "/echo",
        method: "POST",
        headers: { host: "web" },
      });
      request.end("by one");
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      assert.equal(response.statusCode, 200);
      assert.equal(Buffer.concat(chunks).toString(), "by one");
    }
  });

  it("callers of HTTP/2 reach an endpoint of HTTP/1, with bodies and trailers both ways", async () => {
    const old = http.createServer((request, response) => {
      response.writeHead(200, { trailer: "x-sum" });
      let length = 0;
      request.on("data", (chunk: Buffer) => (length += chunk.length));
      request.on("end", () => {
        response.addTrailers({ "x-sum": `${length} ${String(request.trailers["x-request"])}` });
        response.end();
      });
      request.pipe(response, { end: false });
    });
    old.listen(0, "127.0.0.1");
    await once(old, "listening");
    folder.write("old", `127.0.0.1 ${(old.address() as AddressInfo).port}\n`);
    const caller = http2.connect(`http://127.0.0.1:${daemon.daemon.servers[2]?.port}`);
    const body = Buffer.alloc(2_000_000, "fedcba9876543210.");
    const own = { ":authority": "old", ":path": "/", ":method": "POST" };
    const answers = await Promise.all([1, 2, 3].map((at) => ask(caller, own, body, { "x-request": String(at) })));
    assert.deepEqual(
      answers.map(({ trailers }) => trailers?.["x-sum"]),
      ["2000000 1", "2000000 2", "2000000 3"],
    );
    assert.ok(answers.every((answer) => answer.body.equals(body)));
    caller.close();
    old.close();
    old.closeAllConnections();
  });

  it("an extended CONNECT becomes a tunnel", async () => {
    handlers.set("/chat", (stream) => {
      stream.respond({ ":status": 200 });
      stream.on("data", (chunk: Buffer) => stream.write(`echo ${chunk.toString()}`));
      stream.on("end", () => stream.end("bye"));
    });
    const stream = session.request(
      { ":method": "CONNECT", ":protocol": "websocket", ":path": "/chat", ":scheme": "http", ":authority": "web" },
      { endStream: false },
    );
    let got = "";
    stream.on("data", (chunk: Buffer) => (got += chunk.toString()));
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status": number }];
    assert.equal(headers[":status"], 200);
    stream.write("one");
    await waitUntil("the echo comes", 5000, () => got === "echo one");
    stream.end();
    await once(stream, "end");
    assert.equal(got, "echo onebye");
  });

  it("a slow reader of one stream does not hold up the others", async () => {
    handlers.set("/flood", (stream) => {
      stream.respond({ ":status": 200 });
      stream.end(Buffer.alloc(8_000_000, "x"));
    });
    const slow = session.request({ ":path": "/flood", ":authority": "web" });
    slow.on("error", () => undefined);
    await once(slow, "response");
    for (let round = 0; round < 20; round++) assert.equal((await ask(session, { ":path": "/quick" })).status, 200);
    slow.close(http2.constants.NGHTTP2_CANCEL);
  });

  it("a daemon that drains lets the last streams end", async () => {
    const release: (() => void)[] = [];
    handlers.set("/last", (stream) => {
      release.push(() => {
        stream.respond({ ":status": 200 });
        stream.end("last words");
      });
    });
    const own = await startDaemon(yaml, folder.path);
    const caller = http2.connect(`http://127.0.0.1:${own.port}`);
    let goaways = 0;
    caller.on("goaway", () => goaways++);
    const held = ask(caller, { ":path": "/last" });
    await waitUntil("the request is held", 5000, () => release.length === 1);
    const closing = own.daemon.close();
    await waitUntil("GOAWAY comes", 5000, () => goaways > 0);
    release[0]?.();
    assert.equal((await held).body.toString(), "last words");
    await closing;
    await waitUntil("the connection ends", 5000, () => caller.destroyed || caller.closed);
  });
});
