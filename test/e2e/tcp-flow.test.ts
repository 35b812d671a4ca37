/** Much data through a TCP router: whole, in either direction, and never more of it held than a little. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { it } from "node:test";
import { TcpBackend } from "../fakes/tcp-backend.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type SpawnedDaemon, spawnDaemon } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

const MB = 1_000_000;
const TOTAL = 100 * MB;
const block = Buffer.alloc(100_000, "0123456789abcdef");

interface Site extends AsyncDisposable {
  readonly daemon: SpawnedDaemon;
  connect(): Promise<net.Socket>;
}

async function siteFor(backend: TcpBackend): Promise<Site> {
  const stack = new AsyncDisposableStack();
  stack.use(backend);
  const folder = stack.use(
    tempFolder({
      "linkspan.yaml": "admin: {port: 0}\nsources: {f: {files: .}}\nlisten: {tcp: {0: f/bulk}}\n",
      bulk: `127.0.0.1 ${backend.port}\n`,
    }),
  );
  const daemon = stack.use(await spawnDaemon("linkspan.yaml", { cwd: folder.path }));
  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect({ port: daemon.port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    return socket;
  };
  return { daemon, connect, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The most memory that the process ever had, in bytes. */
function peakOf({ process: { child } }: SpawnedDaemon): number {
  const [, kB] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return Number(kB) * 1024;
}

function* blocks(total: number): Generator<Buffer> {
  for (let sent = 0; sent < total; sent += block.length) {
    const one = Buffer.from(block);
    one.writeUInt32BE(sent, 0);
    yield one;
  }
}

function digestOf(total: number): string {
  const hash = createHash("sha256");
  for (const one of blocks(total)) hash.update(one);
  return hash.digest("hex");
}

it("100 MB go there and back at once, whole, and the daemon stays small", { timeout: 120_000 }, async () => {
  const backend = await TcpBackend.start((socket) => socket.pipe(socket));
  await using site = await siteFor(backend);
  const before = peakOf(site.daemon);
  const socket = await site.connect();
  const came = createHash("sha256");
  const back = (async () => {
    for await (const bytes of socket) came.update(bytes as Buffer);
  })();
  await Promise.all([pipeline(Readable.from(blocks(TOTAL)), socket), back]);
  assert.equal(came.digest("hex"), digestOf(TOTAL));
  const grown = peakOf(site.daemon) - before;
  assert.ok(grown < 40 * MB, `grew by ${Math.round(grown / MB)} MB`);
});

it("who reads slowly slows down who sends, and still gets everything", { timeout: 120_000 }, async () => {
  let sent = 0;
  const backend = await TcpBackend.start((socket) => {
    const source = Readable.from(blocks(TOTAL));
    source.on("data", (bytes: Buffer) => (sent += bytes.length));
    source.pipe(socket);
  });
  await using site = await siteFor(backend);
  const before = peakOf(site.daemon);
  const socket = await site.connect();
  socket.pause();
  let last = -1;
  await waitUntil("the sender is held up", 20_000, async () => {
    const stands = sent === last && sent > 0;
    last = sent;
    await letPass(300);
    return stands;
  });
  assert.ok(sent < TOTAL / 2, `${sent} bytes left the sender`);
  const grown = peakOf(site.daemon) - before;
  assert.ok(grown < 30 * MB, `grew by ${Math.round(grown / MB)} MB`);
  const came = createHash("sha256");
  for await (const bytes of socket) came.update(bytes as Buffer);
  assert.equal(came.digest("hex"), digestOf(TOTAL));
});

it("who takes slowly slows down the caller, and still gets everything", { timeout: 120_000 }, async () => {
  const came = createHash("sha256");
  let far: net.Socket | undefined;
  const backend = await TcpBackend.start((socket) => {
    far = socket;
    socket.on("data", (bytes: Buffer) => came.update(bytes));
    socket.pause();
  });
  await using site = await siteFor(backend);
  const socket = await site.connect();
  let sent = 0;
  const source = Readable.from(blocks(TOTAL));
  source.on("data", (bytes: Buffer) => (sent += bytes.length));
  source.pipe(socket);
  let last = -1;
  await waitUntil("the caller is held up", 20_000, async () => {
    const stands = sent === last && sent > 0;
    last = sent;
    await letPass(300);
    return stands;
  });
  assert.ok(sent < TOTAL / 2, `${sent} bytes left the caller`);
  const ended = once(socket.resume(), "end");
  far?.resume();
  await ended;
  assert.equal(came.digest("hex"), digestOf(TOTAL));
});
