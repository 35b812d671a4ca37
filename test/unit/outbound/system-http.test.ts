/** HTTP to registries: what is asked, what comes back, and what is said when it does not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import type { HttpClient, HttpOrigin } from "../../../src/base/http.ts";
import { SystemHttp } from "../../../src/outbound/system-http.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { CountingClock } from "../../../src/testing/counting-clock.ts";
import { socketDialer } from "../../../src/testing/plugin-context.ts";
import { authority } from "../../servers/certificates.ts";

const never = new AbortController().signal;
const MAX = 1_000_000;

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listening(server: Server, sockets = new Set<Socket>()): Promise<Listening> {
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answering = (listener: RequestListener): Promise<Listening> => listening(createHttpServer(listener));
/** A server that says `bytes` to whatever comes first. */
const saying = (bytes: string, end = true): Promise<Listening> =>
  listening(createServer((socket) => socket.once("data", () => (end ? socket.end(bytes) : socket.write(bytes)))));

/** Over TLS, as `registry.test`. */
async function secureRegistry(stack: AsyncDisposableStack): Promise<{ registry: Listening; ca: Buffer }> {
  const root = stack.use(authority());
  const { certPath, keyPath } = root.issue("registry", { commonName: "registry.test" });
  const files = { cert: readFileSync(certPath), key: readFileSync(keyPath) };
  const registry = stack.use(
    await listening(createHttpsServer(files, (_request, response) => response.end("over TLS"))),
  );
  return { registry, ca: readFileSync(root.caPath) };
}

interface Opened {
  readonly client: HttpClient;
  readonly clock: CountingClock;
}

function opened(stack: AsyncDisposableStack, port: number, over: Partial<HttpOrigin> = {}): Opened {
  const clock = new CountingClock();
  const client = stack.use(new SystemHttp(clock, socketDialer).open({ host: "127.0.0.1", port, ...over }));
  return { client, clock };
}

describe("HTTP to registries", () => {
  it("asks with method, fields and body, and keeps the connection", async () => {
    await using stack = new AsyncDisposableStack();
    let connections = 0;
    const server = createHttpServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (bytes: Buffer) => parts.push(bytes));
      request.on("end", () => {
        const { method, url, headers } = request;
        response.setHeader("X-Two", ["a", "b"]);
        response.end(JSON.stringify({ method, url, host: headers.host, own: headers["x-own"], body: `${parts}` }));
      });
    }).on("connection", () => connections++);
    const { port } = stack.use(await listening(server));
    const { client, clock } = opened(stack, port);
    const asked = { method: "PUT", path: "/v1/x?y=1", headers: { "x-own": "1" }, body: "né", signal: never };
    for (let times = 0; times < 3; times++) {
      const answer = await client.request(asked);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers["x-two"], "a, b");
      const said = JSON.parse(await answer.text(MAX)) as object;
      assert.deepEqual(said, { method: "PUT", url: "/v1/x?y=1", host: `127.0.0.1:${port}`, own: "1", body: "né" });
    }
    assert.equal(connections, 1);
    assert.equal(client.connections, 1);
    assert.equal(client.closed, 0);
    await client[Symbol.asyncDispose]();
    await eventually("the connection is closed", () => client.connections === 0);
    assert.equal(client.closed, 1);
    assert.equal(clock.waiting, 0);
  });

  it("counts the connections that were closed, so that who asks knows that another one may answer", async () => {
    await using stack = new AsyncDisposableStack();
    const sockets = new Set<Socket>();
    const server = createHttpServer((_request, response) => response.end("ok"));
    const { port } = stack.use(await listening(server, sockets));
    const { client } = opened(stack, port);
    for (let closed = 0; closed < 2; closed++) {
      assert.equal(await (await client.request({ path: "/", signal: never })).text(MAX), "ok");
      assert.equal(client.closed, closed);
      for (const socket of sockets) socket.resetAndDestroy();
      await eventually("the connection is closed", () => client.connections === 0);
      assert.equal(client.closed, closed + 1);
    }
  });

  it("opens as many connections as it may, and has further requests wait", async () => {
    await using stack = new AsyncDisposableStack();
    const held: (() => void)[] = [];
    const { port } = stack.use(await answering((_request, response) => void held.push(() => response.end("ok"))));
    const { client } = opened(stack, port, { maxConnections: 2 });
    const answers = [1, 2, 3].map(async () => (await client.request({ path: "/", signal: never })).text(MAX));
    await eventually("two have come", () => held.length === 2);
    held[0]?.();
    await eventually("the third comes on the connection of the first", () => held.length === 3);
    assert.equal(client.connections, 2);
    held[1]?.();
    held[2]?.();
    assert.deepEqual(await Promise.all(answers), ["ok", "ok", "ok"]);
  });

  it("says that nobody listens, and where", async () => {
    await using stack = new AsyncDisposableStack();
    const gone = await saying("");
    await gone[Symbol.asyncDispose]();
    const { client, clock } = opened(stack, gone.port);
    await assert.rejects(client.request({ path: "/", signal: never }), {
      code: "ECONNREFUSED",
      message: new RegExp(`^http://127.0.0.1:${gone.port} cannot be asked: .*ECONNREFUSED`),
    });
    await eventually("no timer is left", () => clock.waiting === 0);
  });

  it("gives up when no head comes in time", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(await answering(() => undefined));
    const { client } = opened(stack, port);
    await assert.rejects(client.request({ path: "/", signal: never, headTimeoutMs: 50 }), {
      code: "ETIMEDOUT",
      message: /no answer within 50 ms/,
    });
    await eventually("its connection is closed", () => client.connections === 0);
  });

  it("gives up when the body is silent for too long", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(await answering((_request, response) => void response.write("some")));
    const { client } = opened(stack, port);
    const answer = await client.request({ path: "/", signal: never, idleTimeoutMs: 50 });
    await assert.rejects(answer.text(MAX), { code: "ETIMEDOUT", message: /has sent nothing for 50 ms/ });
    await eventually("its connection is closed", () => client.connections === 0);
  });

  for (const path of ["/no-head", "/no-end"]) {
    it(`asks on a new connection after one fell silent: those that were idle may be as dead (${path})`, async () => {
      await using stack = new AsyncDisposableStack();
      const answers: Record<string, (response: ServerResponse) => void> = {
        "/no-head": () => undefined,
        "/no-end": (response) => void response.write("some"),
      };
      const { port } = stack.use(
        await answering(({ url = "" }, response) => (answers[url] ?? (() => void response.end("all")))(response)),
      );
      const { client } = opened(stack, port);
      const all = [1, 2].map(() => client.request({ path: "/", signal: never }));
      for (const answer of await Promise.all(all)) assert.equal(await answer.text(MAX), "all");
      assert.equal(client.connections, 2);
      const limits = { headTimeoutMs: 200, idleTimeoutMs: 50 };
      const silent = client.request({ path, signal: never, ...limits }).then((answer) => answer.text(MAX));
      await assert.rejects(silent, { code: "ETIMEDOUT" });
      await eventually("none is left", () => client.connections === 0);
      const answer = await client.request({ path: "/", signal: never });
      assert.deepEqual([answer.isProbed, await answer.text(MAX)], [false, "all"]);
    });
  }

  for (const [what, bytes] of [
    ["fewer bytes than it announced", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"],
    ["no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"],
  ] as const) {
    it(`takes a body with ${what} for no body at all`, async () => {
      await using stack = new AsyncDisposableStack();
      const { port } = stack.use(await saying(bytes));
      const { client } = opened(stack, port);
      const answer = await client.request({ path: "/", signal: never });
      await assert.rejects(answer.text(MAX), { code: "ECONNRESET", message: /ended its answer in the middle/ });
    });
  }

  it("says that what answers does not speak HTTP", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(await saying("SSH-2.0-OpenSSH_9.2\r\n"));
    const { client } = opened(stack, port);
    await assert.rejects(client.request({ path: "/", signal: never }), { message: /cannot be asked: Parse Error/ });
  });

  it("says that the connection was closed without an answer", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(await saying(""));
    const { client } = opened(stack, port);
    await assert.rejects(client.request({ path: "/", signal: never }), { code: "ECONNRESET" });
  });

  describe("on a connection that the server closes as the request comes", () => {
    for (const [method, expected, isSentOnce] of [
      ["GET", "served", false],
      ["GET", "ECONNRESET", true],
      ["POST", "ECONNRESET", false],
    ] as const) {
      const what = isSentOnce ? `${method} that is sent once` : method;
      it(`has ${what} ${expected === "served" ? "sent again on another one" : "fail"}`, async () => {
        await using stack = new AsyncDisposableStack();
        let connections = 0;
        const serve = (socket: Socket): void => {
          const isFirst = ++connections === 1;
          let requests = 0;
          socket.on("data", () => {
            if (isFirst && ++requests === 2) socket.resetAndDestroy();
            else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nserved");
          });
        };
        const { port } = stack.use(await listening(createServer(serve)));
        const { client } = opened(stack, port);
        const request = { method, path: "/", signal: never, isSentOnce };
        const ask = async (): Promise<string> => (await client.request(request)).text(MAX);
        assert.equal(await ask(), "served");
        assert.equal(await ask().catch((error: NodeJS.ErrnoException) => error.code), expected);
        assert.equal(connections, expected === "served" ? 2 : 1);
      });
    }
  });

  it("refuses a body that is longer than it may be, and closes its connection", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(await answering((_request, response) => response.end(Buffer.alloc(200_000))));
    const { client } = opened(stack, port);
    const answer = await client.request({ path: "/", signal: never });
    await assert.rejects(answer.text(1_000), { message: "the answer has more than 1000 bytes" });
    await eventually("its connection is closed", () => client.connections === 0);
  });

  it("ends with its signal, before the head and in the body", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(
      await answering((request, response) => {
        if (request.url === "/body") response.write("some");
      }),
    );
    const { client, clock } = opened(stack, port);
    for (const path of ["/head", "/body"]) {
      const end = new AbortController();
      const asked = client.request({ path, signal: end.signal });
      if (path === "/head") {
        await eventually("it is connected", () => client.connections === 1);
        end.abort(new Error("over"));
        await assert.rejects(asked, { message: "over" });
      } else {
        const answer = await asked;
        const read = answer.text(MAX);
        end.abort(new Error("over"));
        await assert.rejects(read, { message: "over" });
      }
      await eventually("its connection is closed", () => client.connections === 0);
    }
    assert.equal(clock.waiting, 0);
  });

  it("closes the connection of an answer that is not read", async () => {
    await using stack = new AsyncDisposableStack();
    const { port } = stack.use(await answering((_request, response) => void response.write("some")));
    const { client } = opened(stack, port);
    {
      using answer = await client.request({ path: "/", signal: never });
      assert.equal(answer.status, 200);
    }
    await eventually("it is closed", () => client.connections === 0);
  });

  it("gives a proxy the whole target, and its credentials", async () => {
    await using stack = new AsyncDisposableStack();
    const proxy = stack.use(
      await answering((request, response) => {
        const { url, headers } = request;
        response.end(JSON.stringify({ url, host: headers.host, by: headers["proxy-authorization"] }));
      }),
    );
    const { client } = opened(stack, 1, {
      host: "registry.example",
      proxy: { host: "127.0.0.1", port: proxy.port, authorization: "Basic eDp5" },
    });
    const answer = await client.request({ path: "/v1", signal: never });
    assert.deepEqual(JSON.parse(await answer.text(MAX)), {
      url: "http://registry.example:1/v1",
      host: "registry.example:1",
      by: "Basic eDp5",
    });
  });
});

describe("HTTP to registries over TLS through a proxy", () => {
  for (const [what, said, expected] of [
    ["refuses", "HTTP/1.1 403 Forbidden\r\n\r\n", /the proxy answered 403 to CONNECT/],
    ["speaks no HTTP", "hello\r\n\r\n", /the proxy does not speak HTTP/],
    ["closes", "", /the proxy closed the connection/],
  ] as const) {
    it(`says that the proxy ${what}`, async () => {
      await using stack = new AsyncDisposableStack();
      const proxy = stack.use(await saying(said));
      const { client } = opened(stack, 443, {
        host: "registry.example",
        tls: () => ({}),
        proxy: { host: "127.0.0.1", port: proxy.port },
      });
      await assert.rejects(client.request({ path: "/", signal: never }), { message: expected });
      await eventually("its connection is closed", () => client.connections === 0);
    });
  }

  it("asks the proxy to connect, and speaks TLS with whom it asked for", async () => {
    await using stack = new AsyncDisposableStack();
    const { registry, ca } = await secureRegistry(stack);
    let target: string | undefined;
    const proxy = stack.use(
      await listening(
        createServer((socket) => {
          socket.once("data", (bytes: Buffer) => {
            target = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(bytes.toString("latin1"))?.[1];
            const onward = connect(registry.port, "127.0.0.1", () => {
              socket.write("HTTP/1.1 200 OK\r\n\r\n");
              socket.pipe(onward).pipe(socket);
            });
            onward.on("error", () => socket.destroy());
            socket.on("close", () => onward.destroy());
          });
        }),
      ),
    );
    const { client } = opened(stack, registry.port, {
      host: "registry.test",
      tls: () => ({ ca }),
      proxy: { host: "127.0.0.1", port: proxy.port },
    });
    const answer = await client.request({ path: "/", signal: never });
    assert.equal(await answer.text(MAX), "over TLS");
    assert.equal(target, `registry.test:${registry.port}`);
  });

  it("refuses a certificate of another name, unless it is told not to look", async () => {
    await using stack = new AsyncDisposableStack();
    const { registry, ca } = await secureRegistry(stack);
    const strict = opened(stack, registry.port, { tls: () => ({ ca, serverName: "other.test" }) });
    await assert.rejects(strict.client.request({ path: "/", signal: never }), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    const blind = opened(stack, registry.port, { tls: () => ({ disableValidation: true }) });
    assert.equal(await (await blind.client.request({ path: "/", signal: never })).text(MAX), "over TLS");
  });

  it("says that a connection was reset while it looked for certificates", async () => {
    await using stack = new AsyncDisposableStack();
    let victim: Socket | undefined;
    const server = createServer((socket) => (victim = socket));
    const { port } = stack.use(await listening(server));
    const tls = async (): Promise<object> => {
      (await eventually("the connection was taken", () => victim)).resetAndDestroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return {};
    };
    const { client } = opened(stack, port, { tls });
    await assert.rejects(client.request({ path: "/", signal: never }), { code: "ECONNRESET" });
  });

  it("speaks TLS with the proxy too, where it is told to", async () => {
    await using stack = new AsyncDisposableStack();
    const { registry, ca } = await secureRegistry(stack);
    const root = stack.use(authority());
    const { certPath, keyPath } = root.issue("proxy", { commonName: "proxy", names: ["IP:127.0.0.1"] });
    const server = createHttpsServer({ cert: readFileSync(certPath), key: readFileSync(keyPath) });
    server.on("request", (request, response) => response.end(`asked for ${request.url}`));
    server.on("connect", (_request, socket: Socket) => {
      const onward = connect(registry.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy()).on("close", () => onward.destroy());
    });
    const { port } = stack.use(await listening(server));
    const proxy = { host: "127.0.0.1", port, tls: () => ({ ca: readFileSync(root.caPath) }) };
    const through = opened(stack, registry.port, { host: "registry.test", tls: () => ({ ca }), proxy });
    assert.equal(await (await through.client.request({ path: "/", signal: never })).text(MAX), "over TLS");
    const plain = opened(stack, 80, { host: "plain.test", proxy });
    const answer = await plain.client.request({ path: "/x", signal: never });
    assert.equal(await answer.text(MAX), "asked for http://plain.test:80/x");
  });
});
