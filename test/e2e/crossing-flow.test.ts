/** Bodies of 10 MB that cross between HTTP/1 and HTTP/2, whole, in order, and no faster than they are read. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { pipeline, Readable, type Writable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { authority } from "../servers/certificates.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { pem } from "./tls-site.ts";

const SIZE = 10_000_000;
/** What sockets, windows and the router may hold of a body that nobody reads: four sockets' buffers and two windows. */
const HELD = 24_000_000;

/** Bytes that say where they belong. */
const pattern = (() => {
  const out = Buffer.alloc(SIZE + 65_536);
  for (let at = 0; at < out.length; at += 4) out.writeUInt32LE((Math.imul(at, 2_654_435_761) ^ (at >>> 3)) >>> 0, at);
  return out;
})();

/** Sizes that look random and are the same in each run. */
function* sizes(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield 1 + ((state >>> 8) % (state % 7 === 0 ? 70_000 : 900));
  }
}

/** Writes the first `SIZE` bytes of the pattern in pieces, no faster than they are taken; ends it behind `last`. */
async function pour(into: Writable, seed: number, last?: Promise<unknown>): Promise<void> {
  let at = 0;
  for (const size of sizes(seed)) {
    const end = Math.min(SIZE, at + size);
    if (!into.write(pattern.subarray(at, end))) await once(into, "drain");
    at = end;
    if (at === SIZE) break;
  }
  await last;
  into.end();
}

/** Reads all, with pauses; returns how many bytes there were and whether all were right. */
async function sip(from: Readable): Promise<{ length: number; isRight: boolean }> {
  let length = 0;
  let isRight = true;
  let untilPause = 500_000;
  for await (const piece of from as AsyncIterable<Buffer>) {
    isRight &&= piece.equals(pattern.subarray(length, length + piece.length));
    length += piece.length;
    untilPause -= piece.length;
    if (untilPause > 0) continue;
    untilPause = 500_000;
    await letPass(5);
  }
  return { length, isRight };
}

const whole = { length: SIZE, isRight: true };

/** Writes for ever, and counts what was taken; the end of the other side ends it. */
function flood(into: Writable, taken: { bytes: number }): void {
  const pieces = function* (): Generator<Buffer> {
    for (;;) {
      taken.bytes += 65_536;
      yield pattern.subarray(0, 65_536);
    }
  };
  pipeline(Readable.from(pieces()), into, () => undefined);
}

/** Resolves with what was taken when nothing more is. */
async function stalled(taken: { bytes: number }): Promise<number> {
  let last = -1;
  await waitUntil("nothing more is taken", 20_000, async () => {
    last = taken.bytes;
    await letPass(300);
    return last > 0 && taken.bytes === last;
  });
  return last;
}

/** What a test does with a request at a backend, of whichever version. */
type Handle = (request: Readable, respond: () => Writable) => void;

describe("bodies that cross", { concurrency: 1 }, () => {
  let handle: Handle = () => undefined;
  let daemon: TestDaemon;
  const old = http.createServer((request, response) => {
    response.on("error", () => undefined);
    request.on("error", () => undefined);
    handle(request, () => response.writeHead(200));
  });
  const fresh = http2.createServer();
  fresh.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("error", () => undefined);
    handle(stream, () => {
      stream.respond({ ":status": 200 });
      return stream;
    });
  });
  before(async () => {
    for (const server of [old, fresh]) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    const [one, two] = [old, fresh].map((server) => (server.address() as AddressInfo).port);
    daemon = await startDaemon(`
admin: {port: 0}
routers:
- {protocol: h2, label: down, dtab: "/svc => /$/inet/127.1/${one}", client: {protocol: http}, servers: [{port: 0}]}
- {protocol: http, label: up, dtab: "/svc => /$/inet/127.1/${two}", client: {protocol: h2}, servers: [{port: 0}]}
`);
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    old.closeAllConnections();
    old.close();
    fresh.close();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  /** A request and the promise of its answer, over the version of the caller. */
  function ask(version: 1 | 2, body: boolean): { request: Writable; answer: Promise<Readable>; end: () => void } {
    if (version === 1) {
      const port = daemon.daemon.servers[1]?.port ?? 0;
      const request = http.request({
        host: "127.0.0.1",
        port,
        method: body ? "POST" : "GET",
        headers: { host: "web" },
        agent: false,
      });
      request.on("error", () => undefined);
      if (!body) request.end();
      const answer = once(request, "response").then(([response]) => response as Readable);
      return { request, answer, end: () => void request.destroy() };
    }
    const session = http2.connect(`http://127.0.0.1:${daemon.port}`);
    session.on("error", () => undefined);
    const stream = session.request({ ":authority": "web", ":method": body ? "POST" : "GET" }, { endStream: !body });
    stream.on("error", () => undefined);
    return { request: stream, answer: once(stream, "response").then(() => stream), end: () => session.destroy() };
  }

  for (const version of [1, 2] as const) {
    const way = version === 1 ? "HTTP/1 to HTTP/2" : "HTTP/2 to HTTP/1";

    it(`10 MB in odd pieces go from ${way} and back at once, past slow readers`, async () => {
      const heard = Promise.withResolvers<{ length: number; isRight: boolean }>();
      handle = (request, respond) => {
        sip(request).then(heard.resolve, heard.reject);
        pour(respond(), 7, heard.promise).catch(heard.reject);
      };
      const { request, answer, end } = ask(version, true);
      const poured = pour(request, 11);
      assert.deepEqual(await sip(await answer), whole);
      assert.deepEqual(await heard.promise, whole);
      await poured;
      end();
    });

    it(`an answer from ${way} that its caller does not read stops its backend`, async () => {
      const taken = { bytes: 0 };
      handle = (_request, respond) => flood(respond(), taken);
      const before = process.memoryUsage().rss;
      const { answer, end } = ask(version, false);
      await answer;
      assert.ok((await stalled(taken)) < HELD, `${taken.bytes}`);
      assert.ok(process.memoryUsage().rss - before < 150_000_000);
      end();
    });

    it(`a request from ${way} that its backend does not read stops its caller`, async () => {
      const taken = { bytes: 0 };
      let there: Readable | undefined;
      handle = (request) => void (there = request.pause());
      const { request, answer, end } = ask(version, true);
      answer.catch(() => undefined);
      flood(request, taken);
      assert.ok((await stalled(taken)) < HELD, `${taken.bytes}`);
      end();
      there?.destroy();
    });
  }
});

describe("bodies that cross under TLS", () => {
  it("a caller by ALPN h2 reaches a backend of HTTPS, 10 MB both ways", async () => {
    using ca = authority();
    const site = ca.issue("site", { commonName: "web" });
    const backend = https.createServer(pem(site), (request, response) => request.pipe(response));
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    const { port } = backend.address() as AddressInfo;
    await using daemon = await startDaemon(`
admin: {port: 0}
routers:
- protocol: h2
  dtab: /svc => /$/inet/127.1/${port}
  client: {protocol: http, tls: {commonName: web, trustCerts: [${ca.caPath}]}}
  servers: [{port: 0, tls: {certPath: ${site.certPath}, keyPath: ${site.keyPath}}}]
`);
    const session = http2.connect(`https://127.0.0.1:${daemon.port}`, {
      ca: pem({ certPath: ca.caPath, keyPath: site.keyPath }).cert,
      servername: "web",
    });
    await once(session, "connect");
    assert.equal(session.alpnProtocol, "h2");
    const stream = session.request({ ":authority": "web", ":method": "POST" });
    const poured = pour(stream, 3);
    const [head] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & { ":status": number }];
    assert.equal(head[":status"], 200);
    assert.deepEqual(await sip(stream), whole);
    await poured;
    session.destroy();
    backend.closeAllConnections();
    backend.close();
  });
});
