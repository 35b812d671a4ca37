/** The life of HTTP/1 connections: order, reuse, back-pressure, interim answers, time limits, callers and backends that leave. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../src/http/exchange.ts";
import { Filter } from "../../src/http/filter.ts";
import { passes } from "../fakes/passes.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { Http1Proxy } from "../fakes/http1-proxy.ts";
import { RawBackend } from "../fakes/raw-backend.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { readResponses } from "../fakes/strict-reader.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const count = (text: string, part: string): number => text.split(part).length - 1;
const echoTarget = (seen: string): string => {
  const target = seen.slice(seen.lastIndexOf("GET ") + 4).split(" ")[0] as string;
  return `HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`;
};

describe("a caller's connection", () => {
  it("answers pipelined requests in order, one at a time", async () => {
    await using backend = await RawBackend.start(echoTarget);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(Array.from({ length: 50 }, (_unused, at) => get(`/${at}`)).join(""));
    await caller.until(({ got }) => got.endsWith("/49"));
    const bodies = readResponses(
      caller.got,
      Array.from({ length: 50 }, () => "GET"),
      false,
    ).map(({ body }) => body);
    assert.deepEqual(
      bodies,
      Array.from({ length: 50 }, (_unused, at) => `/${at}`),
    );
    assert.equal(backend.seen.length, 1, "one connection served them all");
  });

  it("answers a request that came in single bytes", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    for (const byte of "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n") {
      caller.send(byte);
      await new Promise(setImmediate);
    }
    await caller.until(({ got }) => got.endsWith("ok"));
    assert.match(backend.seen[0] as string, /\r\n0\r\nX: y\r\n\r\n$/);
  });

  it("reads nothing more behind Connection: close", async () => {
    await using backend = await RawBackend.start(echoTarget);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(`GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${get("/2")}`);
    await caller.until(({ state }) => state === "ended");
    assert.equal(count(caller.got, "HTTP/1.1 "), 1);
    assert.equal(count(backend.seen.join(""), "GET "), 1);
  });

  it("answers what came before a malformed request, then refuses that one", async () => {
    await using backend = await RawBackend.start(echoTarget);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(`${get("/1")}GET /2 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${get("/3")}`);
    await caller.until(({ state }) => state === "ended");
    const lines = readResponses(caller.got, ["GET", "GET"], true).map(({ line }) => line);
    assert.deepEqual(lines, ["HTTP/1.1 200 OK", "HTTP/1.1 400 Bad Request"]);
  });

  it("serves a caller that closes its half behind its request", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.socket.end(get("/"));
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /ok$/);
  });

  it("cancels the exchange of a caller that leaves", async () => {
    await using backend = await RawBackend.start(() => undefined);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(get("/"));
    await passes(() => assert.equal(backend.seen[0]?.length, get("/").length + "via: 1.1 linkspan\r\n".length));
    caller.socket.resetAndDestroy();
    await passes(() => assert.equal(backend.gone, 1));
    assert.deepEqual(proxy.bugs, []);
  });

  it("keeps a caller that goes on, and gives up one that does not take its answer", async () => {
    const clock = new FakeClock();
    const big = "x".repeat(32 * 1024 * 1024);
    await using backend = await RawBackend.start(
      () => `HTTP/1.1 200 OK\r\nContent-Length: ${big.length}\r\n\r\n${big}`,
    );
    await using proxy = await Http1Proxy.start(backend.port, { clock });
    using caller = await RawCaller.connect(proxy.port);
    caller.socket.pause();
    caller.send(get("/"));
    await passes(() => assert.equal(backend.connections.size, 1));
    await passes(() => {
      clock.advance(1000);
      assert.equal(backend.gone, 1);
    });
  });

  it("gives up a caller that drips its body, and keeps one that brings enough", async () => {
    const clock = new FakeClock();
    await using backend = await RawBackend.start(() => undefined);
    await using proxy = await Http1Proxy.start(backend.port, { clock });
    using dripping = await RawCaller.connect(proxy.port);
    using steady = await RawCaller.connect(proxy.port);
    for (const caller of [dripping, steady]) {
      caller.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    }
    await passes(() => assert.equal(backend.seen.join("").split("\r\n\r\n").length, 3));
    const read = (): number => backend.seen.reduce((sum, { length }) => sum + length, 0);
    for (let turn = 0; turn < 13; turn++) {
      const before = read();
      dripping.send("x");
      steady.send("x".repeat(500));
      await passes(() => assert.equal(read(), before + (turn < 12 ? 501 : 500)));
      if (turn < 12) assert.equal(dripping.state, "open");
      clock.advance(5000);
      if (turn === 11) await dripping.until(({ got }) => got.includes("linkspan-code: request.timeout\r\n"));
    }
    assert.match(dripping.got, /^HTTP\/1\.1 408 /);
    assert.equal(steady.got, "");
  });

  it("ends a caller that does not finish its head in time", async () => {
    const clock = new FakeClock();
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port, { clock });
    using caller = await RawCaller.connect(proxy.port);
    caller.send("GET / HTTP/1.1\r\nHost:");
    await passes(() => {
      clock.advance(500);
      assert.match(caller.got, /^HTTP\/1\.1 408 [^]*linkspan-code: request\.timeout\r\n/);
    });
    assert.ok(clock.now() >= 10_000, "not before its time");
    await caller.until(({ state }) => state === "ended");
  });

  it("ends a caller that does not go on with its body", async () => {
    const clock = new FakeClock();
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port, { clock });
    using caller = await RawCaller.connect(proxy.port);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    await passes(() => assert.match(backend.seen[0] ?? "", /half$/));
    await passes(() => {
      clock.advance(1000);
      assert.match(caller.got, /^HTTP\/1\.1 408 /);
    });
    await passes(() => assert.equal(backend.gone, 1));
  });

  it("is closed when nothing was asked for long", async () => {
    const clock = new FakeClock();
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port, { clock, settings: { idleTimeoutMs: 5000 } });
    using caller = await RawCaller.connect(proxy.port);
    caller.send(get("/"));
    await caller.until(({ got }) => got.endsWith("ok"));
    clock.advance(4000);
    assert.equal(caller.state, "open");
    clock.advance(2000);
    await caller.until(({ state }) => state !== "open");
  });

  it("is refused in its chunks after the backend has heard of it, and the backend sees no whole request", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0x1\r\nc\r\n0\r\n\r\n");
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /^HTTP\/1\.1 400 /);
    assert.doesNotMatch(backend.seen.join(""), /0\r\n\r\n$/);
  });

  for (const [what, chunks] of [
    ["a size with a sign", "+2\r\nab\r\n0\r\n\r\n"],
    ["a size with a space", "2 \r\nab\r\n0\r\n\r\n"],
    ["a space before a size", " 2\r\nab\r\n0\r\n\r\n"],
    ["a lone LF behind a size", "2\nab\r\n0\r\n\r\n"],
    ["a lone LF behind data", "2\r\nab\n0\r\n\r\n"],
    ["no CRLF behind data", "2\r\nabc\r\n0\r\n\r\n"],
    ["an overlong size", "10000000000000000\r\n"],
    ["an empty size", "\r\nab\r\n0\r\n\r\n"],
    ["a NUL in an extension", "2;a=\0\r\nab\r\n0\r\n\r\n"],
    ["a lone LF in an extension", "2;a\n\r\nab\r\n0\r\n\r\n"],
    ["endless extensions", `2;${"a".repeat(20_000)}`],
    ["a lone LF in trailers", "2\r\nab\r\n0\r\nX: 1\n\r\n"],
    ["a folded trailer", "2\r\nab\r\n0\r\nX: 1\r\n 2\r\n\r\n"],
    ["a trailer without a name", "2\r\nab\r\n0\r\n: 1\r\n\r\n"],
    ["endless trailers", `2\r\nab\r\n0\r\nX: ${"a".repeat(9000)}`],
    ["too many trailers", `2\r\nab\r\n0\r\n${"X: 1\r\n".repeat(101)}\r\n`],
  ] as const) {
    it(`is refused for ${what}`, async () => {
      await using backend = await RawBackend.start(() => OK);
      await using proxy = await Http1Proxy.start(backend.port);
      using caller = await RawCaller.connect(proxy.port);
      caller.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
      await caller.until(({ state }) => state === "ended");
      assert.match(caller.got, /^HTTP\/1\.1 4(?:00|31) /);
      assert.deepEqual(proxy.bugs, []);
    });
  }
});

describe("what is small", () => {
  it("leaves in one piece, head and body, in both directions", async () => {
    const pieces: string[] = [];
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(get("/warm"));
    await caller.until(({ got }) => got.endsWith("ok"));
    caller.socket.on("data", (bytes: Buffer) => pieces.push(bytes.toString("latin1")));
    for (const socket of backend.connections) {
      socket.on("data", (bytes: Buffer) => pieces.push(bytes.toString("latin1")));
    }
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
    await caller.until(({ got }) => count(got, "\r\n\r\nok") === 2);
    assert.equal(pieces.length, 2, JSON.stringify(pieces));
    assert.match(pieces[0] as string, /^POST [^]*hi\r\n0\r\n\r\n$/);
    assert.match(pieces[1] as string, /^HTTP\/1\.1 200 [^]*ok$/);
  });
});

describe("an expectation of a 100", () => {
  const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";

  it("is met by the backend's own 100", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(head);
    await passes(() => assert.equal(backend.connections.size, 1));
    const [socket] = backend.connections;
    await passes(() => assert.match(backend.seen[0] ?? "", /\r\n\r\n$/));
    socket?.write("HTTP/1.1 100 Continue\r\n\r\n");
    await caller.until(({ got }) => got === "HTTP/1.1 100 Continue\r\n\r\n");
    caller.send("hi");
    await caller.until(({ got }) => got.endsWith("ok"));
  });

  it("is met here where the backend is late, and only once", async () => {
    const clock = new FakeClock();
    await using backend = await RawBackend.start(() => `HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    await using proxy = await Http1Proxy.start(backend.port, { clock });
    using caller = await RawCaller.connect(proxy.port);
    caller.send(head);
    await passes(() => assert.match(backend.seen[0] ?? "", /\r\n\r\n$/));
    clock.advance(750);
    assert.equal(caller.got, "");
    clock.advance(500);
    await caller.until(({ got }) => got === "HTTP/1.1 100 Continue\r\n\r\n");
    caller.send("hi");
    await caller.until(({ got }) => got.endsWith("ok"));
    assert.equal(count(caller.got, " 100 "), 1);
  });

  it("closes the connection where the final answer comes instead", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(head);
    await passes(() => assert.match(backend.seen[0] ?? "", /\r\n\r\n$/));
    const [socket] = backend.connections;
    socket?.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /^HTTP\/1\.1 403 /);
  });
});

describe("a connection to a backend", () => {
  it("is used again for the next request", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    for (let turn = 0; turn < 5; turn++) {
      using caller = await RawCaller.connect(proxy.port);
      caller.send(get("/"));
      await caller.until(({ got }) => got.endsWith("ok"));
    }
    assert.equal(backend.seen.length, 1);
  });

  it("is not used again when a byte came too many, which no later caller sees", async () => {
    await using backend = await RawBackend.start(() => `${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(get("/1"));
    await caller.until(({ got }) => got.endsWith("ok"));
    caller.send(get("/2"));
    await caller.until(({ got }) => count(got, "\r\n\r\nok") === 2);
    assert.doesNotMatch(caller.got, /evil/);
    assert.equal(backend.seen.length, 2);
  });

  it("is thrown away when bytes come while it is idle", async () => {
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(get("/1"));
    await caller.until(({ got }) => got.endsWith("ok"));
    for (const socket of backend.connections) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    await passes(() => assert.equal(backend.gone, 1));
    caller.send(get("/2"));
    await caller.until(({ got }) => count(got, "\r\n\r\nok") === 2);
    assert.doesNotMatch(caller.got, /evil/);
  });

  it("says of a reused one that closed unheard that the request may be sent again, if it is safe", async () => {
    const ends: string[] = [];
    class Watch extends Filter {
      override finish(x: Exchange): void {
        if (x.failure) ends.push(`${x.request.method} ${x.failure.code} ${x.failure.flags.has("retryable")}`);
        this.prev.finish(x);
      }
    }
    await using backend = await RawBackend.start((_seen, socket, turn) => {
      if (turn === 0) return OK;
      socket.destroy();
      return undefined;
    });
    await using proxy = await Http1Proxy.start(backend.port, { filters: [new Watch()] });
    using caller = await RawCaller.connect(proxy.port);
    for (const request of [
      get("/1"),
      get("/2"),
      get("/3"),
      "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
      get("/4"),
      get("/5"),
    ]) {
      const before = count(caller.got, "HTTP/1.1 ");
      caller.send(request);
      await caller.until(({ got }) => count(got, "HTTP/1.1 ") === before + 1);
    }
    assert.deepEqual(ends, ["GET upstream.reset true", "POST upstream.reset false", "GET upstream.reset true"]);
  });

  it("is closed when an answer was whole before its request", async () => {
    await using backend = await RawBackend.start(() => undefined);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    await passes(() => assert.match(backend.seen[0] ?? "", /half$/));
    for (const socket of backend.connections) socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    await caller.until(({ got }) => got.startsWith("HTTP/1.1 413 "));
    await passes(() => assert.equal(backend.gone, 1));
    caller.send(`567890${get("/2")}`);
    await passes(() => assert.match(backend.seen[1] ?? "", /^GET \/2 /));
  });

  it("that is refused is a 502", async () => {
    const port = await (async () => {
      await using backend = await RawBackend.start(() => OK);
      return backend.port;
    })();
    await using proxy = await Http1Proxy.start(port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(get("/"));
    await caller.until(({ got }) => got.includes("linkspan-code: connect.failed\r\n"));
    assert.match(caller.got, /^HTTP\/1\.1 502 /);
  });
});

describe("bodies", () => {
  it("go through both ways unharmed, whatever their size", async () => {
    await using backend = await RawBackend.start((seen) => {
      const body = seen.slice(seen.indexOf("\r\n\r\n") + 4);
      return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    });
    await using proxy = await Http1Proxy.start(backend.port);
    for (const size of [1, 65_535, 65_536, 65_537, 1_000_000]) {
      using caller = await RawCaller.connect(proxy.port);
      const body = Array.from({ length: size }, (_unused, at) => String.fromCharCode((at * 7) % 256)).join("");
      caller.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n${body}`);
      await caller.until(({ got }) => got.length >= got.indexOf("\r\n\r\n") + 4 + size && got !== "");
      assert.equal(caller.got.slice(caller.got.indexOf("\r\n\r\n") + 4) === body, true, `${size} bytes`);
    }
  });

  it("are not read from the backend faster than the caller takes them", async () => {
    const big = Buffer.alloc(64 * 1024 * 1024, "x");
    let left = 0;
    await using backend = await RawBackend.start((_seen, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${big.length}\r\n\r\n`);
      socket.write(big);
      left = socket.writableLength;
      return undefined;
    });
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.socket.pause();
    caller.send(get("/"));
    await passes(() => assert.equal(backend.connections.size, 1));
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const socket of backend.connections) left = socket.writableLength;
    assert.ok(left > 32 * 1024 * 1024, `${left} bytes still wait at the backend`);
    let got = 0;
    caller.socket.removeAllListeners("data");
    caller.socket.on("data", (bytes: Buffer) => (got += bytes.length));
    caller.socket.resume();
    await caller.until(() => got > big.length, 20_000);
  });

  it("are not read from the caller faster than the backend takes them", async () => {
    const big = Buffer.alloc(64 * 1024 * 1024, "x");
    await using backend = await RawBackend.start(() => OK);
    await using proxy = await Http1Proxy.start(backend.port);
    using caller = await RawCaller.connect(proxy.port);
    caller.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${big.length}\r\n\r\n`);
    await passes(() => assert.equal(backend.connections.size, 1));
    for (const socket of backend.connections) socket.pause();
    caller.send(big);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(caller.socket.writableLength > 32 * 1024 * 1024, `${caller.socket.writableLength} bytes still wait`);
  });
});

describe("a listener that closes", () => {
  it("lets what is under way finish, says close, and takes no more", async () => {
    await using backend = await RawBackend.start(() => undefined);
    await using proxy = await Http1Proxy.start(backend.port);
    using busy = await RawCaller.connect(proxy.port);
    using idle = await RawCaller.connect(proxy.port);
    busy.send(get("/"));
    await passes(() => assert.match(backend.seen[0] ?? "", /\r\n\r\n$/));
    const closed = proxy.close(AbortSignal.timeout(5000));
    await idle.until(({ state }) => state === "ended");
    for (const socket of backend.connections) socket.write(OK);
    await busy.until(({ state }) => state === "ended");
    assert.match(busy.got, /\r\nconnection: close\r\n[^]*ok$/);
    idle.socket.end();
    busy.socket.end();
    await closed;
    await assert.rejects(RawCaller.connect(proxy.port));
  });
});
