/** HTTP/2 to registries: many requests on one connection, and what is said when it, or a part of it, ends. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import type { HttpClient, HttpOrigin } from "../../../src/base/http.ts";
import { SystemHttp } from "../../../src/outbound/system-http.ts";
import { CountingClock } from "../../../src/testing/counting-clock.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { socketDialer } from "../../../src/testing/plugin-context.ts";
import { type Authority, authority, type Issued } from "../../servers/certificates.ts";

const never = new AbortController().signal;
const MAX = 1_000_000;
const GRACEFUL = 0;
const PROTOCOL_ERROR = 1;
const REFUSED_STREAM = 7;

type Serve = (stream: ServerHttp2Stream, path: string, headers: IncomingHttpHeaders) => void;

let root: Authority;
let issued: Issued;
before(() => {
  root = authority();
  issued = root.issue("registry", { commonName: "registry", names: ["IP:127.0.0.1"] });
});
after(() => root[Symbol.dispose]());

const ok: Serve = (stream) => answer(stream, "ok");
const quiet: Serve = () => undefined;

function answer(stream: ServerHttp2Stream, body: string): void {
  stream.respond({ ":status": 200 });
  stream.end(body);
}

function begin(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200 });
  stream.write("some");
}

/** A registry over TLS that speaks HTTP/2, behind a line that can fall silent. */
class Registry implements AsyncDisposable {
  readonly sessions: ServerHttp2Session[] = [];
  readonly streams: ServerHttp2Stream[] = [];
  readonly #server: Http2SecureServer;
  readonly #line = createServer((near) => this.#join(near));
  readonly #sockets = new Set<Socket>();
  #isSilent = false;

  private constructor(serve: Serve, settings: SecureServerOptions["settings"]) {
    const files = { cert: readFileSync(issued.certPath), key: readFileSync(issued.keyPath) };
    this.#server = createSecureServer({ ...files, ...(settings === undefined ? {} : { settings }) });
    this.#server.on("session", (session) => this.sessions.push(session.on("error", () => undefined)));
    this.#server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on("error", () => undefined);
      this.streams.push(stream);
      serve(stream, headers[":path"] ?? "", headers);
    });
  }

  static async listening(serve: Serve, settings?: SecureServerOptions["settings"]): Promise<Registry> {
    const registry = new Registry(serve, settings);
    await new Promise<void>((resolve) => registry.#server.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => registry.#line.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  get port(): number {
    return (this.#line.address() as AddressInfo).port;
  }

  /** Nothing arrives any more on connections that are there; new ones are well. */
  fallSilent(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** New connections are taken, and not heard. */
  ignore(): void {
    this.#isSilent = true;
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const session of this.sessions) session.destroy();
    await Promise.all([this.#server, this.#line].map((each) => new Promise((resolve) => each.close(resolve))));
  }

  #join(near: Socket): void {
    this.#keep(near);
    if (this.#isSilent) return;
    const far = this.#keep(connect((this.#server.address() as AddressInfo).port, "127.0.0.1"));
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket.on("error", () => undefined));
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }
}

interface Opened {
  readonly client: HttpClient;
  readonly clock: CountingClock;
  ask(path?: string, method?: string): Promise<string>;
}

function opened(stack: AsyncDisposableStack, port: number, over: Partial<HttpOrigin> = {}): Opened {
  const clock = new CountingClock();
  const client = stack.use(
    new SystemHttp(clock, socketDialer).open({
      host: "127.0.0.1",
      port,
      tls: () => ({ ca: readFileSync(root.caPath) }),
      multiplexed: { pingMs: 5_000, pingTimeoutMs: 5_000 },
      ...over,
    }),
  );
  const ask = async (path = "/", method = "GET"): Promise<string> =>
    (await client.request({ path, method, signal: never })).text(MAX);
  return { client, clock, ask };
}

const often = { multiplexed: { pingMs: 60, pingTimeoutMs: 60 } };

describe("HTTP/2 to registries", () => {
  it("asks with method, fields and body, many at a time on one connection", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(
      await Registry.listening((stream, path, headers) => {
        const parts: Buffer[] = [];
        stream.on("data", (bytes: Buffer) => parts.push(bytes));
        stream.on("end", () => {
          const { ":method": method, ":authority": host, "x-own": own, "content-length": length } = headers;
          stream.respond({ ":status": 201, "x-two": ["a", "b"] });
          stream.end(JSON.stringify({ method, path, host, own, length, body: `${Buffer.concat(parts).toString()}` }));
        });
      }),
    );
    const { client, clock } = opened(stack, registry.port);
    const asked = { method: "PUT", path: "/v1/x?y=1", headers: { "X-Own": "1" }, body: "né", signal: never };
    const ask = async (): Promise<void> => {
      const answered = await client.request(asked);
      assert.equal(answered.status, 201);
      assert.equal(answered.isProbed, true);
      assert.equal(answered.headers["x-two"], "a, b");
      assert.equal(answered.headers[":status"], undefined);
      const host = `127.0.0.1:${registry.port}`;
      const said = { method: "PUT", path: "/v1/x?y=1", host, own: "1", length: "3", body: "né" };
      assert.deepEqual(JSON.parse(await answered.text(MAX)), said);
    };
    await Promise.all(Array.from({ length: 50 }, ask));
    assert.equal(registry.sessions.length, 1);
    assert.equal(client.connections, 1);
    await client[Symbol.asyncDispose]();
    await eventually("the connection is closed", () => client.connections === 0 && registry.sessions[0]?.destroyed);
    assert.equal(clock.waiting, 0);
  });

  it("opens further connections where the server takes no more streams, and has further requests wait", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening(quiet, { maxConcurrentStreams: 2 }));
    const { client, ask } = opened(stack, registry.port, { maxConnections: 2 });
    const asked = Array.from({ length: 5 }, () => ask());
    await eventually("four have come", () => registry.streams.length === 4);
    assert.equal(client.connections, 2);
    for (let n = 0; n < 4; n++) answer(registry.streams[n] as ServerHttp2Stream, `${n}`);
    await eventually("the fifth comes when there is room", () => registry.streams.length === 5);
    answer(registry.streams[4] as ServerHttp2Stream, "4");
    assert.deepEqual((await Promise.all(asked)).sort(), ["0", "1", "2", "3", "4"]);
    assert.equal(registry.sessions.length, 2);
  });

  it("closes a connection that answers no PING, which ends everything that is open on it", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening((stream, path) => path === "/body" && begin(stream)));
    const { client, clock } = opened(stack, registry.port, often);
    const watched = await client.request({ path: "/body", signal: never });
    const read = watched.text(MAX);
    const asked = client.request({ path: "/head", signal: never });
    await eventually("both have come", () => registry.streams.length === 2);
    registry.fallSilent();
    const silent = { code: "ETIMEDOUT", message: /^https:\/\/127.0.0.1:\d+ has not answered a PING for 60 ms$/ };
    await Promise.all([assert.rejects(read, silent), assert.rejects(asked, silent)]);
    await eventually("it is closed", () => client.connections === 0 && clock.waiting === 0);
  });

  it("leaves a connection alone that answers PINGs, and one that nothing is open on", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening((stream, path) => path === "/" && begin(stream)));
    const { client } = opened(stack, registry.port, often);
    const watched = await client.request({ path: "/", signal: never });
    let pings = 0;
    registry.sessions[0]?.on("ping", () => pings++);
    await eventually("five PINGs were answered", () => pings >= 5);
    registry.streams[0]?.end("more");
    assert.equal(await watched.text(MAX), "somemore");
    const before = pings;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(pings <= before + 1, `${pings - before} PINGs came while nothing was open`);
    assert.equal(client.connections, 1);
  });

  it("gives up a connection on which nobody answers as it is made", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening(ok));
    registry.ignore();
    const { client, clock, ask } = opened(stack, registry.port, often);
    await assert.rejects(ask(), { code: "ETIMEDOUT", message: /cannot be asked: no connection within 120 ms/ });
    await eventually("nothing is left", () => client.connections === 0 && clock.waiting === 0);
  });

  it("sends new requests elsewhere after GOAWAY, while the old ones go on", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(
      await Registry.listening((stream, path) => (path === "/old" ? begin : ok)(stream, "", {})),
    );
    const { client, ask } = opened(stack, registry.port);
    const old = await client.request({ path: "/old", signal: never });
    registry.sessions[0]?.goaway(GRACEFUL, registry.streams[0]?.id ?? 0);
    await eventually(
      "another connection is used",
      async () => (await ask("/new")) === "ok" && registry.sessions.length > 1,
    );
    registry.streams[0]?.end("more");
    assert.equal(await old.text(MAX), "somemore");
    await eventually("the old one is closed", () => client.connections === 1);
  });

  for (const [method, expected] of [
    ["GET", "served"],
    ["POST", "an error"],
  ] as const) {
    it(`answers ${method} with ${expected} where the server refused the stream, or never began it`, async () => {
      await using stack = new AsyncDisposableStack();
      const seen = new Set<string>();
      const registry = stack.use(
        await Registry.listening((stream, path) => {
          if (path === "/" || seen.has(path)) return answer(stream, "served");
          seen.add(path);
          if (path === "/refused") stream.close(REFUSED_STREAM);
          else stream.session?.goaway(GRACEFUL, (stream.id ?? 0) - 2);
        }),
      );
      const { ask } = opened(stack, registry.port);
      await ask("/");
      for (const path of ["/refused", "/unbegun"]) {
        if (expected === "served") assert.equal(await ask(path, method), "served");
        else await assert.rejects(ask(path, method), { message: /cannot be asked: .*REFUSED_STREAM/ });
      }
    });
  }

  it("ends what is open where GOAWAY tells an error, and asks elsewhere", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(
      await Registry.listening((stream, path) => (path === "/" ? answer(stream, "ok") : begin(stream))),
    );
    const { client, clock, ask } = opened(stack, registry.port, often);
    const watched = await client.request({ path: "/body", signal: never });
    registry.sessions[0]?.goaway(PROTOCOL_ERROR);
    await assert.rejects(watched.text(MAX), { code: "ECONNRESET", message: /ended its answer in the middle/ });
    assert.equal(await ask(), "ok");
    assert.equal(client.connections, 1);
    await client[Symbol.asyncDispose]();
    await eventually("nothing is left", () => client.connections === 0 && clock.waiting === 0);
  });

  it("notices that nobody is there after GOAWAY, too, and not before", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening(begin));
    const { client } = opened(stack, registry.port, often);
    const watched = await client.request({ path: "/", signal: never });
    let isOver = false;
    const read = watched.text(MAX).finally(() => (isOver = true));
    let asked = 0;
    registry.sessions[0]?.on("remoteSettings", () => asked++);
    registry.sessions[0]?.goaway(GRACEFUL, registry.streams[0]?.id ?? 0);
    await eventually("it was asked often whether it is there", () => asked > 12);
    assert.equal(isOver, false);
    registry.fallSilent();
    await assert.rejects(read, { code: "ETIMEDOUT", message: /has not answered a PING/ });
  });

  it("tells what was refused twice", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening((stream) => stream.close(REFUSED_STREAM)));
    const { ask } = opened(stack, registry.port);
    await assert.rejects(ask(), { message: /REFUSED_STREAM/ });
    assert.equal(registry.streams.length, 2);
  });

  for (const [what, cut] of [
    ["is reset", (stream: ServerHttp2Stream) => void stream.destroy(new Error("no more"))],
    ["loses its session", (stream: ServerHttp2Stream) => void stream.session?.destroy()],
    ["loses its connection", (_stream: ServerHttp2Stream, registry: Registry) => registry.reset()],
  ] as const) {
    it(`takes a body whose stream ${what} for no body at all`, async () => {
      await using stack = new AsyncDisposableStack();
      const registry = stack.use(await Registry.listening(begin));
      const { client } = opened(stack, registry.port);
      const answered = await client.request({ path: "/", signal: never });
      cut(registry.streams[0] as ServerHttp2Stream, registry);
      await assert.rejects(answered.text(MAX), { code: "ECONNRESET", message: /ended its answer in the middle/ });
    });
  }

  it("asks once more where the connection, which had been idle, was closed as the request came", async () => {
    await using stack = new AsyncDisposableStack();
    let asked = 0;
    const registry = stack.use(
      await Registry.listening((stream) => (++asked === 2 ? registry.reset() : answer(stream, "ok"))),
    );
    const { ask, client } = opened(stack, registry.port);
    for (let times = 0; times < 2; times++) assert.equal(await ask(), "ok");
    assert.equal(asked, 3);
    assert.equal(client.closed, 1);
    assert.equal(registry.sessions.length, 2);
  });

  it("gives up when no head comes in time, or the body is silent, and ends only that stream", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening((stream, path) => path === "/body" && begin(stream)));
    const { client } = opened(stack, registry.port);
    await assert.rejects(client.request({ path: "/head", signal: never, headTimeoutMs: 50 }), {
      code: "ETIMEDOUT",
      message: /no answer within 50 ms/,
    });
    const answered = await client.request({ path: "/body", signal: never, idleTimeoutMs: 50 });
    await assert.rejects(answered.text(MAX), { code: "ETIMEDOUT", message: /has sent nothing for 50 ms/ });
    await eventually("both streams have ended", () => registry.streams.every(({ closed }) => closed));
    assert.equal(registry.sessions.length, 1);
    assert.equal(client.connections, 1);
  });

  it("ends with its signal, before the head and in the body, and where it is not read", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening((stream, path) => path === "/body" && begin(stream)));
    const { client } = opened(stack, registry.port);
    const end = new AbortController();
    const asked = client.request({ path: "/head", signal: end.signal });
    const read = (await client.request({ path: "/body", signal: end.signal })).text(MAX);
    (await client.request({ path: "/body", signal: never }))[Symbol.dispose]();
    end.abort(new Error("over"));
    for (const each of [asked, read]) await assert.rejects(each, { message: "over" });
    await assert.rejects(client.request({ path: "/", signal: end.signal }), { message: "over" });
    await eventually("the streams have ended", () => registry.streams.every(({ closed }) => closed));
    assert.equal(client.connections, 1);
  });

  it("refuses a body that is longer than it may be", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening((stream) => answer(stream, "x".repeat(3_000_000))));
    const { client, ask } = opened(stack, registry.port);
    await assert.rejects(ask(), { message: `the answer has more than ${MAX} bytes` });
    await eventually("the stream has ended", () => registry.streams[0]?.destroyed);
    assert.equal((await (await client.request({ path: "/", signal: never })).text(4_000_000)).length, 3_000_000);
  });

  it("ends what is open, or waits, when it is disposed", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening(begin, { maxConcurrentStreams: 1 }));
    const { client, clock } = opened(stack, registry.port, { maxConnections: 1 });
    const read = (await client.request({ path: "/", signal: never })).text(MAX);
    const waiting = client.request({ path: "/", signal: never });
    const closed = { message: /the client of https:\/\/127.0.0.1:\d+ is closed/ };
    const ended = Promise.all([assert.rejects(read, closed), assert.rejects(waiting, closed)]);
    await client[Symbol.asyncDispose]();
    await ended;
    await eventually("nothing is left", () => client.connections === 0 && clock.waiting === 0);
  });

  it("says that nobody listens, and where", async () => {
    await using stack = new AsyncDisposableStack();
    const gone = await Registry.listening(ok);
    const { port } = gone;
    await gone[Symbol.asyncDispose]();
    const { clock, ask } = opened(stack, port);
    await assert.rejects(ask(), { code: "ECONNREFUSED", message: /^https:\/\/127.0.0.1:\d+ cannot be asked: / });
    await eventually("no timer is left", () => clock.waiting === 0);
  });

  it("goes through a proxy", async () => {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(await Registry.listening(ok));
    const proxy = createServer((near) => {
      near.once("data", () => {
        const far = connect(registry.port, "127.0.0.1", () => {
          near.write("HTTP/1.1 200 OK\r\n\r\n");
          near.pipe(far).pipe(near);
        });
        near.on("error", () => undefined).once("close", () => far.destroy());
        far.on("error", () => near.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    stack.defer(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const { ask } = opened(stack, registry.port, { proxy: { host: "127.0.0.1", port } });
    assert.equal(await ask(), "ok");
  });
});

describe("HTTP to registries that choose HTTP/1.1 over TLS", () => {
  it("has a connection for each request, and the first one used", async () => {
    await using stack = new AsyncDisposableStack();
    const files = { cert: readFileSync(issued.certPath), key: readFileSync(issued.keyPath) };
    let connections = 0;
    const held: (() => void)[] = [];
    const server = createHttpsServer(files, (request, response) => {
      assert.equal(request.httpVersion, "1.1");
      held.push(() => response.end("ok"));
    }).on("secureConnection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stack.defer(() => void server.close().closeAllConnections());
    const { client, clock, ask } = opened(stack, (server.address() as AddressInfo).port);
    const asked = [ask(), ask()];
    await eventually("both have come", () => held.length === 2);
    for (const release of held) release();
    assert.deepEqual(await Promise.all(asked), ["ok", "ok"]);
    assert.equal(connections, 2);
    assert.equal(client.connections, 2);
    await client[Symbol.asyncDispose]();
    await eventually("they are closed", () => client.connections === 0);
    assert.equal(clock.waiting, 0);
  });
});
