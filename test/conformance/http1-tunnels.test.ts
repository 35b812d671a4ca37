/** Upgrade and CONNECT over HTTP/1: who gets a tunnel, what passes in it, and how it ends. */
import assert from "node:assert/strict";
import type net from "node:net";
import { describe, it } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { passes } from "../fakes/passes.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const VIA = "via: 1.1 linkspan\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const ASK = `GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`;
const ASKED = `GET /chat HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${VIA}connection: upgrade\r\nupgrade: websocket\r\n\r\n`;
const GRANT = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;
const GRANTED = `HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n${VIA}connection: upgrade\r\nupgrade: websocket\r\n\r\n`;

/** A caller with its tunnel open. */
async function tunnel(proxy: Http1Proxy): Promise<RawCaller> {
  const caller = await RawCaller.connect(proxy.port);
  caller.send(ASK);
  await caller.until(({ got }) => got === GRANTED);
  return caller;
}

describe("an upgrade to WebSocket", () => {
  it("is asked for and granted in canonical form, and bytes pass both ways as they are", async () => {
    await using backend = await RawBackend.start(() => GRANT);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await tunnel(proxy);
    assert.equal(backend.seen[0], ASKED);
    caller.send("\x81\x05hello\0\r\n");
    await passes(() => assert.equal(backend.seen[0], `${ASKED}\x81\x05hello\0\r\n`));
    for (const socket of backend.connections) socket.write("\x82\x01x", "latin1");
    await caller.until(({ got }) => got === `${GRANTED}\x82\x01x`);
    assert.deepEqual(proxy.bugs, []);
  });

  it("gives the tunnel what each side sends before it can know", async () => {
    await using backend = await RawBackend.start(() => `${GRANT}early`);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(`${ASK}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`);
    await caller.until(({ got }) => got === `${GRANTED}early`);
    await passes(() => assert.equal(backend.seen.join("|"), `${ASKED}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`));
  });

  it("that is not granted is answered as any request is, and both connections stay", async () => {
    await using backend = await RawBackend.start(() => OK.replace("200 OK", "403 Forbidden"));
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(ASK);
    await caller.until(({ got }) => got.endsWith("ok"));
    assert.match(caller.got, /^HTTP\/1\.1 403 Forbidden\r\n/);
    caller.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await passes(() => assert.equal(backend.seen.length, 1));
    await passes(() => assert.match(backend.seen[0] as string, /GET \/ HTTP\/1\.1\r\nHost: a\r\nvia/));
  });

  for (const [what, head] of [
    ["without a key", ASK.replace(/Sec-WebSocket-Key.*\r\n/, "")],
    ["with a key that is none", ASK.replace(KEY, "abc")],
    ["with two keys", ASK.replace("Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${KEY}`)],
    ["with its key named in Connection", ASK.replace("keep-alive", "sec-websocket-key")],
    ["without Connection: upgrade", ASK.replace(", Upgrade", "")],
    ["by POST", ASK.replace("GET", "POST")],
    ["by HTTP/1.0", ASK.replace("HTTP/1.1", "HTTP/1.0")],
    ["to several protocols", ASK.replace("WebSocket\r\n", "websocket, h2c\r\n")],
    ["in two fields", ASK.replace("Sec-WebSocket-Version: 13", "Upgrade: websocket")],
    ["to h2c", ASK.replace("WebSocket\r\n", "h2c\r\n")],
    ["with a body", `${ASK.slice(0, -2)}Content-Length: 2\r\n\r\nhi`],
  ] as const) {
    it(`${what} is served as if it had not asked`, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(head);
      await caller.until(({ got }) => got.endsWith("ok"));
      assert.doesNotMatch(backend.seen.join(""), /upgrade/i);
    });
  }

  for (const [what, answer] of [
    ["to another protocol", GRANT.replace("Upgrade: websocket", "Upgrade: h2c")],
    ["to several protocols", GRANT.replace("Upgrade: websocket", "Upgrade: websocket, h2c")],
    ["without Upgrade", GRANT.replace("Upgrade: websocket\r\n", "")],
    ["without Connection", GRANT.replace("Connection: Upgrade\r\n", "")],
    ["without an Accept", GRANT.replace(/Sec-WebSocket-Accept.*\r\n/, "")],
    ["with a wrong Accept", GRANT.replace(ACCEPT, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")],
    ["in HTTP/1.0", GRANT.replace("HTTP/1.1", "HTTP/1.0")],
  ] as const) {
    it(`that is granted ${what} is a malformed answer`, async () => {
      await using backend = await RawBackend.start(() => answer);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(ASK);
      await caller.until(({ got }) => got.includes("linkspan-code: upstream.malformed\r\n"));
      await caller.until(() => backend.gone === 1);
    });
  }

  it("that nobody asked for is a malformed answer", async () => {
    await using backend = await RawBackend.start(() => GRANT);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await caller.until(({ got }) => got.includes("linkspan-code: upstream.malformed\r\n"));
  });
});

describe("a tunnel", () => {
  it("keeps each half open until its own side ends it", async () => {
    await using backend = await RawBackend.start(() => GRANT);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await tunnel(proxy);
    const [endpoint] = backend.connections as Set<net.Socket>;
    endpoint?.removeAllListeners("end");
    let hasEnded = false;
    endpoint?.on("end", () => (hasEnded = true));
    caller.socket.end("last");
    await passes(() => assert.equal(hasEnded, true));
    assert.match(backend.seen[0] as string, /last$/);
    endpoint?.write("still here");
    await caller.until(({ got }) => got.endsWith("still here"));
    endpoint?.end("bye");
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /still herebye$/);
    await passes(() => assert.equal(backend.gone, 1));
    assert.deepEqual(proxy.bugs, []);
  });

  it("keeps the caller's half open behind the endpoint's end", async () => {
    await using backend = await RawBackend.start((_seen, socket) => {
      socket.end(`${GRANT}bye`);
      return undefined;
    });
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(ASK);
    await caller.until(({ state }) => state === "ended");
    caller.send("I am still talking");
    await passes(() => assert.match(backend.seen[0] as string, /I am still talking$/));
    caller.socket.end();
    await passes(() => assert.equal(backend.gone, 1));
  });

  it("is reset for the caller where its endpoint breaks, and the other way round", async () => {
    await using backend = await RawBackend.start(() => GRANT);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await tunnel(proxy);
    for (const socket of backend.connections) socket.resetAndDestroy();
    await caller.until(({ state }) => state === "reset");
    using other = await tunnel(proxy);
    let code = "";
    for (const socket of backend.connections)
      socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code ?? ""));
    other.socket.resetAndDestroy();
    await passes(() => assert.equal(code, "ECONNRESET"));
    assert.deepEqual(proxy.bugs, []);
  });

  it("holds its sender back where the other side does not take what comes", async () => {
    const total = 32 * 1024 * 1024;
    let sent = 0;
    await using backend = await RawBackend.start((_seen, socket) => {
      const part = Buffer.alloc(256 * 1024, "x");
      const more = (): void => {
        while (sent < total && (sent += part.length) && socket.write(part));
        if (sent < total) socket.once("drain", more);
      };
      socket.write(GRANT);
      more();
      return undefined;
    });
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(ASK);
    await caller.until(({ got }) => got.includes("x"));
    caller.socket.pause();
    let before = -1;
    await passes(() => {
      const stands = sent === before;
      before = sent;
      assert.ok(stands);
    });
    assert.ok(sent < total, "everything was taken, though nobody read it");
    caller.socket.resume();
    await caller.until(({ got }) => got.length >= total + GRANTED.length, 20_000);
  });

  it("is given up when no byte moves for long, and lives while one does, whichever way", async () => {
    const clock = new FakeClock();
    await using backend = await RawBackend.start(() => GRANT);
    await using proxy = await Http1Proxy.start(backend.port, { clock });
    using caller = await tunnel(proxy);
    const [endpoint] = backend.connections as Set<net.Socket>;
    for (let turn = 0; turn < 4; turn++) {
      clock.advance(300_000);
      const before = caller.got.length;
      endpoint?.write("x");
      await caller.until(({ got }) => got.length > before);
      clock.advance(250);
      assert.equal(caller.state, "open");
    }
    clock.advance(599_000);
    assert.equal(caller.state, "open");
    clock.advance(2000);
    await caller.until(({ state }) => state === "reset");
  });

  it("outlives the beginning of a shutdown, and is cut at its deadline", async () => {
    await using backend = await RawBackend.start(() => GRANT);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await tunnel(proxy);
    const deadline = new AbortController();
    const closed = proxy.close(deadline.signal);
    caller.send("go on");
    await passes(() => assert.match(backend.seen[0] as string, /go on$/));
    deadline.abort();
    await closed;
    await caller.until(({ state }) => state === "reset");
  });
});

describe("CONNECT", () => {
  const settings = { connect: true };
  const connect = (target: string, more = "Host: b\r\n"): string => `CONNECT ${target} HTTP/1.1\r\n${more}\r\n`;

  it("is refused where the server does not serve it", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(connect("a:80"));
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /^HTTP\/1\.1 400 [^]*CONNECT is not served here/);
    assert.equal(backend.seen.length, 0);
  });

  it("opens a tunnel by any 2xx, whatever framing that has, and its authority is its Host", async () => {
    await using backend = await RawBackend.start(
      () => "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    );
    await using proxy = await Http1Proxy.start(backend.port, { settings });
    using caller = await RawCaller.connect(proxy.port);
    caller.send(`${connect("a.b:443")}\x16\x03\x01`);
    await caller.until(({ got }) => got === `HTTP/1.1 200 Connection established\r\n${VIA}\r\nhello`);
    await passes(() =>
      assert.equal(backend.seen[0], `CONNECT a.b:443 HTTP/1.1\r\nHost: a.b:443\r\n${VIA}\r\n\x16\x03\x01`),
    );
    caller.socket.end();
    await caller.until(({ state }) => state === "ended");
    assert.deepEqual(proxy.bugs, []);
  });

  it("that is refused is answered as any request is", async () => {
    await using backend = await RawBackend.start(() => OK.replace("200 OK", "403 Forbidden"));
    await using proxy = await Http1Proxy.start(backend.port, { settings });
    using caller = await RawCaller.connect(proxy.port);
    caller.send(connect("a:80", "Host: a:80\r\n"));
    await caller.until(({ got }) => got.endsWith("ok"));
    assert.match(caller.got, /^HTTP\/1\.1 403 Forbidden\r\nContent-Length: 2\r\n/);
    assert.equal(caller.state, "open");
  });

  for (const bytes of [
    connect("a"),
    connect("a:"),
    connect(":80"),
    connect("a:0"),
    connect("a:65536"),
    connect("a:80/"),
    connect("/a:80"),
    connect("http://a:80"),
    connect("u@a:80"),
    connect("*"),
    connect("a:80", ""),
    connect("a:80", "Host: b\r\nHost: c\r\n"),
    connect("a:80", "Host: b\r\nContent-Length: 3\r\n"),
    connect("a:80", "Host: b\r\nTransfer-Encoding: chunked\r\n"),
  ]) {
    it(`is refused in the form ${JSON.stringify(bytes)}`, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port, { settings });
      using caller = await RawCaller.connect(proxy.port);
      caller.send(bytes);
      await caller.until(({ state }) => state === "ended");
      assert.match(caller.got, /^HTTP\/1\.1 400 /);
      assert.equal(backend.seen.length, 0);
    });
  }
});
