/** WebSockets that cross: Upgrade of HTTP/1 and extended CONNECT of HTTP/2 (RFC 8441), each way. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { valueOf } from "../fakes/h2-fields.ts";
import { code, data, headers, rst, S } from "../fakes/h2-frames.ts";
import { block, type Field } from "../fakes/h2-hpack.ts";
import { H2Peer } from "../fakes/h2-wire.ts";
import { valuesOf as linesOf } from "../fakes/strict-reader.ts";
import { frameOf, WebSocketServer } from "../fakes/websocket-server.ts";
import { waitUntil } from "../load/wait-until.ts";
import { answersOf, streamEnds, upSite, type UpSite } from "./crossing-site.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const HANDSHAKE = `GET /room?a=b HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n`;

const connect: readonly Field[] = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "http"],
  [":path", "/room?a=b"],
  [":authority", "web"],
  ["sec-websocket-version", "13"],
];

describe("a WebSocket of HTTP/1 and a backend of HTTP/2 that allows it", { concurrency: 1 }, () => {
  let site: UpSite;
  before(async () => {
    site = await upSite([[S.ENABLE_CONNECT_PROTOCOL, 1]]);
  });
  after(async () => {
    assert.deepEqual(
      site.listener.peers.flatMap(({ judge }) => judge.violations),
      [],
    );
    await site[Symbol.asyncDispose]();
    assert.deepEqual(site.daemon.logged("bug"), []);
  });

  it("is an extended CONNECT; 200 is 101 with the answer to the key", async () => {
    using caller = await site.connect();
    caller.send(HANDSHAKE);
    const { peer, stream } = await site.next();
    const head = stream.head ?? [];
    for (const [name, value] of connect) assert.equal(valueOf(head, name), value, name);
    for (const name of ["upgrade", "connection", "sec-websocket-key"])
      assert.equal(valueOf(head, name), undefined, name);
    assert.equal(valueOf(head, "sec-websocket-protocol"), "chat");
    assert.equal(stream.hasEnded, false);
    peer.send(headers(stream.id, block([":status", "200"], ["sec-websocket-protocol", "chat"])));
    await caller.until(({ got }) => got.endsWith("\r\n\r\n"));
    assert.match(caller.got, /^HTTP\/1\.1 101 /);
    assert.match(caller.got, /\r\nupgrade: websocket\r\n/i);
    assert.match(caller.got, /\r\nconnection: upgrade\r\n/i);
    assert.ok(caller.got.includes(ACCEPT));
    assert.match(caller.got, /\r\nsec-websocket-protocol: chat\r\n/i);
    assert.doesNotMatch(caller.got, /content-length|transfer-encoding/i);
    caller.got = "";
    caller.send("to the backend");
    await peer.until("bytes", () => stream.body === "to the backend");
    peer.send(data(stream.id, "to the caller"));
    await caller.until(({ got }) => got === "to the caller");
    caller.socket.end();
    await peer.until("the end", () => stream.hasEnded);
    peer.send(data(stream.id, " and goodbye", { end: true }));
    await caller.until(({ state }) => state === "ended");
    assert.equal(caller.got, "to the caller and goodbye");
  });

  it("is open for Node's WebSocket", async () => {
    const client = new WebSocket(`ws://127.0.0.1:${site.daemon.port}/room`);
    const opened = once(client, "open");
    const { peer, stream } = await site.next();
    peer.send(headers(stream.id, block([":status", "200"])));
    await opened;
    const heard = once(client, "message");
    peer.send(data(stream.id, frameOf(1, Buffer.from("hello"))));
    assert.equal(((await heard) as [MessageEvent])[0].data, "hello");
    const closed = once(client, "close");
    peer.send(data(stream.id, frameOf(8, Buffer.of(3, 232)), { end: true }));
    assert.equal(((await closed) as [CloseEvent])[0].code, 1000);
  });

  it("is refused with what the backend says, and the connection stays", async () => {
    using caller = await site.connect();
    caller.send(HANDSHAKE);
    const { peer, stream } = await site.next();
    peer.respond(stream.id, 403, "no");
    const [got] = await answersOf(caller);
    assert.equal(got?.line.slice(0, 12), "HTTP/1.1 403");
    assert.equal(got?.body, "no");
  });

  it("breaks for its caller where the backend resets it, and for the backend where the caller does", async () => {
    for (const who of ["backend", "caller"]) {
      using caller = await site.connect();
      caller.send(HANDSHAKE);
      const { peer, stream } = await site.next();
      peer.send(headers(stream.id, block([":status", "200"])));
      await caller.until(({ got }) => got.endsWith("\r\n\r\n"));
      if (who === "backend") {
        peer.send(rst(stream.id, "INTERNAL_ERROR"));
        await caller.until(({ state }) => state !== "open");
        assert.equal(caller.state, "reset");
      } else {
        caller.socket.resetAndDestroy();
        await peer.until("a reset", () => stream.reset !== undefined || stream.hasEnded);
        assert.equal(stream.hasEnded, false);
      }
    }
  });
});

describe("a WebSocket of HTTP/1 and a backend of HTTP/2 that does not allow it", () => {
  it("is 502 with upstream.no_upgrade, and nothing reaches the backend", async () => {
    await using site = await upSite();
    using caller = await site.connect();
    caller.send(HANDSHAKE);
    const [got] = await answersOf(caller);
    assert.equal(got?.line.slice(0, 12), "HTTP/1.1 502");
    assert.deepEqual(linesOf(got?.fields ?? [], "linkspan-code"), ["upstream.no_upgrade"]);
    assert.deepEqual(
      site.listener.peers.map(({ judge }) => judge.streams.size),
      [0],
    );
  });
});

describe("an extended CONNECT and a backend of HTTP/1", { concurrency: 1 }, () => {
  let backend: WebSocketServer;
  let daemon: TestDaemon;
  const refuse = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: closed\r\n\r\nno";
  const open = async (port: number): Promise<TestDaemon> =>
    startDaemon(
      `admin: {port: 0}\nrouters: [{protocol: h2, dtab: "/svc => /$/inet/127.1/${port}", client: {protocol: http}, servers: [{port: 0}]}]\n`,
    );
  before(async () => {
    backend = await WebSocketServer.start();
    daemon = await open(backend.port);
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
    assert.deepEqual(daemon.logged("bug"), []);
  });

  /** A stream that has its answer. */
  async function tunnel(caller: H2Peer): Promise<number> {
    const id = caller.request(connect, { end: false });
    await caller.until("an answer", () => caller.judge.streams.get(id)?.head !== undefined);
    return id;
  }

  it("is allowed by the server's SETTINGS", async () => {
    using caller = await H2Peer.connect(daemon.port);
    await caller.frame("SETTINGS", ({ type, payload }) => type === 4 && payload.includes(Buffer.of(0, 8, 0, 0, 0, 1)));
  });

  it("is a handshake with a key of the router's; 101 is 200, and its accept is no business of the caller", async () => {
    using caller = await H2Peer.connect(daemon.port);
    const id = await tunnel(caller);
    const seen = backend.heads.at(-1) as string;
    assert.match(seen, /^GET \/room\?a=b HTTP\/1\.1\r\nhost: web\r\n/i);
    assert.match(seen, /\r\nconnection: upgrade(\r\n|$)/i);
    assert.match(seen, /\r\nupgrade: websocket(\r\n|$)/i);
    assert.match(seen, /\r\nsec-websocket-version: 13(\r\n|$)/i);
    const key = /\r\nsec-websocket-key: (\S+)/i.exec(seen)?.[1] ?? "";
    assert.equal(Buffer.from(key, "base64").length, 16);
    const head = caller.stream(id).head ?? [];
    assert.equal(valueOf(head, ":status"), "200");
    assert.equal(valueOf(head, "sec-websocket-accept"), undefined);
    caller.send(data(id, frameOf(1, Buffer.from("hello"))));
    await caller.until("the echo", () => caller.stream(id).length > 0);
    assert.equal(caller.stream(id).body, frameOf(1, Buffer.from("hello")).toString("latin1"));
    caller.send(data(id, frameOf(8, Buffer.alloc(0)), { end: true }));
    assert.equal((await streamEnds(caller, id)).hasEnded, true);
    assert.deepEqual(caller.judge.violations, []);
  });

  it("has another key each time", async () => {
    using caller = await H2Peer.connect(daemon.port);
    await tunnel(caller);
    await tunnel(caller);
    const keys = backend.heads.slice(-2).map((head) => /\r\nsec-websocket-key: (\S+)/i.exec(head)?.[1]);
    assert.notEqual(keys[0], keys[1]);
  });

  it("is reset where the backend's connection breaks, and breaks it where the caller resets", async () => {
    using caller = await H2Peer.connect(daemon.port);
    const one = await tunnel(caller);
    for (const socket of backend.sockets) socket.resetAndDestroy();
    const broken = await streamEnds(caller, one);
    assert.equal(broken.hasEnded, false);
    const two = await tunnel(caller);
    caller.send(rst(two, "CANCEL"));
    await waitUntil("the backend's connection ends", 5000, () => backend.sockets.size === 0);
    assert.deepEqual(caller.judge.violations, []);
  });

  it("is refused with what the backend says", async () => {
    await using other = await WebSocketServer.start({ refuse });
    await using own = await open(other.port);
    using caller = await H2Peer.connect(own.port);
    const id = caller.request(connect, { end: false });
    const stream = await streamEnds(caller, id);
    assert.equal(valueOf(stream.head ?? [], ":status"), "403");
    assert.equal(valueOf(stream.head ?? [], "x-why"), "closed");
    assert.equal(stream.body, "no");
  });

  it("is 502 where the backend accepts another key than was sent", async () => {
    const wrong = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;
    await using other = await WebSocketServer.start({ refuse: wrong });
    await using own = await open(other.port);
    using caller = await H2Peer.connect(own.port);
    const stream = await streamEnds(caller, caller.request(connect, { end: false }));
    assert.equal(valueOf(stream.head ?? [], ":status"), "502");
    assert.ok(stream.reset === undefined || stream.reset === code("NO_ERROR"));
  });
});
