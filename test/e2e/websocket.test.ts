/** WebSocket through a whole daemon, with a client that is none of ours. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { WebSocketServer, type WebSocketBehaviour } from "../fakes/websocket-server.ts";
import { RawCaller } from "../fakes/raw-caller.ts";
import { waitUntil } from "../load/wait-until.ts";
import { shownClusters, startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

interface Site extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly backend: WebSocketServer;
}

async function open(behaviour: WebSocketBehaviour = {}, server = ""): Promise<Site> {
  const backend = await WebSocketServer.start(behaviour);
  const folder = tempFolder({ chat: `127.0.0.1 ${backend.port}\n` });
  const yaml = `
admin: {port: 0, shutdownGraceMs: 1000}
namers:
- {kind: io.l5d.fs, rootDir: .}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs/chat
  servers: [{port: 0${server}}]
`;
  const daemon = await startDaemon(yaml, folder.path);
  return {
    daemon,
    backend,
    [Symbol.asyncDispose]: async () => {
      await daemon[Symbol.asyncDispose]();
      await backend[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** A client that is open. */
async function connect({ daemon }: Site): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${daemon.port}/room`);
  client.binaryType = "arraybuffer";
  await once(client, "open");
  return client;
}

async function close(client: WebSocket): Promise<void> {
  const closed = once(client, "close");
  client.close(1000);
  await closed;
}

describe("a WebSocket through the daemon", () => {
  it("carries a thousand messages there and back in order", async () => {
    await using site = await open();
    const client = await connect(site);
    const heard: string[] = [];
    client.addEventListener("message", ({ data }) => void heard.push(String(data)));
    for (let at = 0; at < 1000; at++) client.send(`message ${at}`);
    await waitUntil("all messages came back", 20_000, () => heard.length === 1000);
    assert.deepEqual(
      heard,
      Array.from({ length: 1000 }, (_unused, at) => `message ${at}`),
    );
    assert.match(site.backend.heads[0] as string, /^GET \/room HTTP\/1\.1\r\n/);
    assert.match(site.backend.heads[0] as string, /\r\nl5d-dst-service: /);
    await close(client);
    const [cluster] = await shownClusters(site.daemon);
    assert.equal(cluster?.endpoints.length, 1);
    await waitUntil("no connection stays", 5000, async () => {
      const [now] = await shownClusters(site.daemon);
      return now?.endpoints[0]?.connections === 0;
    });
  });

  it("carries messages of 10 MB both ways", async () => {
    await using site = await open();
    const client = await connect(site);
    const sent = new Uint8Array(10 * 1024 * 1024).map((_unused, at) => at % 251);
    for (let turn = 0; turn < 3; turn++) client.send(sent);
    const heard: ArrayBuffer[] = [];
    client.addEventListener("message", ({ data }) => void heard.push(data as ArrayBuffer));
    await waitUntil("all came back", 60_000, () => heard.length === 3);
    for (const bytes of heard) assert.ok(Buffer.from(bytes).equals(sent));
    await close(client);
  });

  it("is refused with what the service says", async () => {
    const refuse = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: closed\r\n\r\nno";
    await using site = await open({ refuse });
    using caller = await RawCaller.connect(site.daemon.port);
    caller.send(
      "GET /room HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    await caller.until(({ got }) => got.endsWith("\r\n\r\nno"));
    assert.match(caller.got, /^HTTP\/1\.1 403 Forbidden\r\n[^]*X-Why: closed\r\n/);
    assert.equal(caller.state, "open");
  });

  it("breaks for the caller when its service dies, and not by a polite close", async () => {
    await using site = await open();
    const client = await connect(site);
    const closed = once(client, "close");
    for (const socket of site.backend.sockets) socket.resetAndDestroy();
    const [event] = (await closed) as [CloseEvent];
    assert.equal(event.wasClean, false);
    assert.equal(event.code, 1006);
  });

  it("is counted when its handshake is answered, and over when it ends", async () => {
    await using site = await open();
    const client = await connect(site);
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${site.daemon.adminUrl}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
    };
    assert.equal(await metric("linkspan_server_pending"), 1);
    const seconds = await metric("linkspan_attempt_seconds_count");
    assert.equal(seconds, 1);
    await close(client);
    await waitUntil("the request is over", 5000, async () => (await metric("linkspan_server_pending")) === 0);
  });

  it("goes on while the daemon drains, until its deadline", async () => {
    await using site = await open();
    const client = await connect(site);
    const heard: string[] = [];
    client.addEventListener("message", ({ data }) => void heard.push(String(data)));
    const closed = once(client, "close");
    const ended = site.daemon.daemon.close();
    client.send("during the drain");
    await waitUntil("a message came back during the drain", 5000, () => heard.includes("during the drain"));
    await ended;
    await closed;
  });

  it("is cut when it is silent for longer than its server allows", async () => {
    await using site = await open({}, ", tunnelIdleMs: 300");
    const client = await connect(site);
    const [event] = (await once(client, "close")) as [CloseEvent];
    assert.equal(event.code, 1006);
  });
});

describe("CONNECT through the daemon", () => {
  it("is a tunnel to what its authority names, where the server is told to serve it", async () => {
    await using site = await open({ refuse: "HTTP/1.1 200 Connected\r\n\r\nhello" }, ", connect: true");
    using caller = await RawCaller.connect(site.daemon.port);
    caller.send("CONNECT somewhere:443 HTTP/1.1\r\nHost: somewhere:443\r\n\r\n");
    await caller.until(({ got }) => got.endsWith("\r\n\r\nhello"));
    assert.match(caller.got, /^HTTP\/1\.1 200 Connected\r\n/);
    assert.doesNotMatch(caller.got, /transfer-encoding|content-length/i);
    assert.match(site.backend.heads[0] as string, /^CONNECT somewhere:443 HTTP\/1\.1\r\nHost: somewhere:443\r\n/);
  });

  it("is refused where it is not", async () => {
    await using site = await open();
    using caller = await RawCaller.connect(site.daemon.port);
    caller.send("CONNECT somewhere:443 HTTP/1.1\r\nHost: somewhere:443\r\n\r\n");
    await caller.until(({ state }) => state === "ended");
    assert.match(caller.got, /^HTTP\/1\.1 400 /);
  });
});
