/** Connections through a daemon with a TCP router, to endpoints that files name. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, it } from "node:test";
import { TcpBackend } from "../fakes/tcp-backend.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { startDaemon, shownEndpoints, type TestDaemon } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

interface Site extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly folder: TempFolder;
  /** `host port` lines of the one service. */
  name(...backends: readonly { readonly port: number }[]): Promise<void>;
}

async function siteFor(backends: readonly TcpBackend[], client = ""): Promise<Site> {
  const stack = new AsyncDisposableStack();
  for (const backend of backends) stack.use(backend);
  const folder = stack.use(tempFolder({ mysql: linesOf(backends) }));
  const daemon = stack.use(
    await startDaemon(
      `admin: {port: 0}
namers: [{kind: io.l5d.fs, rootDir: .}]
routers:
- protocol: tcp
  dtab: /svc/* => /#/io.l5d.fs/mysql
  client: {connectTimeoutMs: 500${client}}
  servers: [{port: 0}]
`,
      folder.path,
    ),
  );
  const name = async (...named: readonly { readonly port: number }[]): Promise<void> => {
    folder.write("mysql", linesOf(named));
    const wanted = named.map(({ port }) => `127.0.0.1:${port}`).sort();
    await waitUntil("the daemon knows the new instances", 5000, async () => {
      return (await shownEndpoints(daemon)).join() === wanted.join();
    });
  };
  stack.defer(() => callers.forEach((socket) => socket.destroy()));
  return { daemon, folder, name, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function linesOf(backends: readonly { readonly port: number }[]): string {
  return backends.map(({ port }) => `127.0.0.1 ${port}\n`).join("");
}

const callers = new Set<net.Socket>();

/** It is closed when the test is over, if it is open still. */
async function connect({ daemon }: Pick<Site, "daemon">): Promise<net.Socket> {
  const socket = net.connect({ port: daemon.port, host: "127.0.0.1", allowHalfOpen: true });
  callers.add(socket);
  socket.on("close", () => callers.delete(socket));
  await once(socket, "connect");
  return socket;
}

/** What the far side says until it ends; the near side then is ended too. */
async function ask(site: Pick<Site, "daemon">, said: string): Promise<string> {
  const socket = await connect(site);
  socket.end(said);
  return heardBy(socket);
}

/** What comes until the far side ends. Leaves the near half as it is. */
async function heardBy(socket: net.Socket): Promise<string> {
  let heard = "";
  socket.on("data", (bytes: Buffer) => (heard += bytes.toString()));
  await once(socket, "end");
  return heard;
}

/** How a connection ended: "end", or the code of its error. */
async function endOf(socket: net.Socket): Promise<string> {
  socket.resume();
  return new Promise((resolve) => {
    socket.on("end", () => resolve("end"));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    socket.on("close", () => resolve("close"));
  });
}

async function metric(daemon: TestDaemon, line: RegExp): Promise<number> {
  const lines = (await (await fetch(`${daemon.adminUrl}/metrics`)).text()).split("\n");
  return lines.filter((each) => line.test(each)).reduce((sum, each) => sum + Number(each.split(" ").at(-1)), 0);
}

describe("a TCP router", { timeout: 60_000 }, () => {
  it("passes bytes both ways, and each half's end for itself", async () => {
    const backend = await TcpBackend.start((socket) => {
      socket.on("data", (bytes) => socket.write(bytes));
      socket.on("end", () => socket.end("bye"));
    });
    await using site = await siteFor([backend]);
    const socket = await connect(site);
    socket.write("hello");
    const [first] = (await once(socket, "data")) as [Buffer];
    assert.equal(first.toString(), "hello");
    socket.end(" again ");
    assert.equal(await heardBy(socket), " again bye");
    await waitUntil("the connection is counted", 5000, async () => {
      return (await metric(site.daemon, /^linkspan_requests_total\{.*class="success"/)) === 1;
    });
    assert.equal(await metric(site.daemon, /^linkspan_tcp_bytes_total\{.*direction="received"/), 12);
    assert.equal(await metric(site.daemon, /^linkspan_tcp_bytes_total\{.*direction="sent"/), 15);
  });

  it("lets an endpoint speak first, and end first", async () => {
    let heard = "";
    const backend = await TcpBackend.start((socket) => {
      socket.end("greeting");
      socket.on("data", (bytes) => (heard += bytes.toString()));
    });
    await using site = await siteFor([backend]);
    const socket = await connect(site);
    assert.equal(await heardBy(socket), "greeting");
    socket.write("still ");
    await waitUntil("the endpoint hears on", 5000, () => heard === "still ");
    socket.end("here");
    await waitUntil("the endpoint hears the rest", 5000, () => heard === "still here" && backend.sockets.size === 0);
  });

  it("breaks the caller's connection off where the endpoint breaks its own off, and the other way round", async () => {
    const backend = await TcpBackend.start((socket) => socket.write("x"));
    await using site = await siteFor([backend]);
    const first = await connect(site);
    await once(first, "data");
    for (const socket of backend.sockets) socket.resetAndDestroy();
    assert.equal(await endOf(first), "ECONNRESET");
    const second = await connect(site);
    await once(second, "data");
    const [far] = backend.sockets;
    const ended = endOf(far as net.Socket);
    second.resetAndDestroy();
    assert.equal(await ended, "ECONNRESET");
    await waitUntil("both are counted", 5000, async () => {
      const failed = await metric(site.daemon, /^linkspan_requests_total\{.*class="failure"/);
      return failed === 1 && (await metric(site.daemon, /^linkspan_requests_total\{.*class="interrupted"/)) === 1;
    });
    assert.equal(await metric(site.daemon, /^linkspan_failures_total\{.*code="upstream.reset"/), 1);
  });

  it("connects elsewhere where an endpoint does not accept", async () => {
    const one = await TcpBackend.saying("one");
    const two = await TcpBackend.saying("two");
    await using site = await siteFor([one, two]);
    const answers = new Set<string>();
    for (let round = 0; round < 20; round++) answers.add(await ask(site, ""));
    assert.deepEqual([...answers].sort(), ["one", "two"]);
    await one[Symbol.asyncDispose]();
    for (let round = 0; round < 20; round++) assert.equal(await ask(site, ""), "two");
  });

  it("breaks off, and says why in a metric, where nobody accepts", async () => {
    const backend = await TcpBackend.saying("one");
    await using site = await siteFor([backend]);
    await backend[Symbol.asyncDispose]();
    assert.equal(await endOf(await connect(site)), "ECONNRESET");
    assert.equal(await metric(site.daemon, /^linkspan_failures_total\{.*code="connect.failed"/), 1);
  });

  it("takes out an endpoint that accepts and then breaks off at once", async () => {
    const broken = await TcpBackend.start((socket) => socket.resetAndDestroy());
    const good = await TcpBackend.saying("good");
    await using site = await siteFor([broken, good]);
    for (let round = 0; round < 60; round++) await endOf(await connect(site));
    assert.equal(site.daemon.logged("endpoint.ejected").length, 1);
    for (let round = 0; round < 20; round++) assert.equal(await ask(site, ""), "good");
  });

  it("gives new connections to the endpoint with the fewest", async () => {
    const backends = await Promise.all([1, 2].map(() => TcpBackend.start((socket) => socket.write("x"))));
    await using site = await siteFor(backends);
    for (let round = 0; round < 20; round++) {
      const socket = await connect(site);
      await once(socket, "data");
    }
    assert.deepEqual(
      backends.map((backend) => backend.sockets.size),
      [10, 10],
    );
  });

  it("follows its registry with new connections, and keeps the old ones where they are", async () => {
    const one = await TcpBackend.start((socket) => socket.on("data", (bytes) => socket.write(`one ${bytes}`)));
    const two = await TcpBackend.saying("two");
    await using site = await siteFor([one]);
    await using _ = two;
    const old = await connect(site);
    old.write("a");
    await once(old, "data");
    await site.name(two);
    assert.equal(await ask(site, ""), "two");
    old.write("b");
    assert.equal(String((await once(old, "data"))[0]), "one b");
  });

  it("closes a connection on which no byte moves", async () => {
    const backend = await TcpBackend.start((socket) => socket.write("x"));
    await using site = await siteFor([backend], ", idleTimeoutMs: 600");
    const socket = await connect(site);
    const from = performance.now();
    assert.equal(await endOf(socket), "ECONNRESET");
    assert.ok(performance.now() - from > 500);
    assert.equal(await metric(site.daemon, /^linkspan_failures_total\{.*code="connection.idle"/), 1);
  });
});

describe("the end of a daemon with connections", { timeout: 60_000 }, () => {
  it("waits for them, takes no new one, and breaks off at the deadline what is left", async () => {
    const backend = await TcpBackend.start((socket) => socket.on("data", (bytes) => socket.write(bytes)));
    await using _ = backend;
    using folder = tempFolder({ mysql: `127.0.0.1 ${backend.port}\n` });
    const daemon = await startDaemon(
      `admin: {port: 0}
shutdown: {grace: 2s}
namers: [{kind: io.l5d.fs, rootDir: .}]
routers: [{protocol: tcp, dtab: /svc/* => /#/io.l5d.fs/mysql, servers: [{port: 0}]}]
`,
      folder.path,
    );
    const [polite, stubborn] = [await connect({ daemon }), await connect({ daemon })];
    for (const socket of [polite, stubborn]) {
      socket.write("a");
      await once(socket, "data");
    }
    const closed = daemon.daemon.close();
    await letPass(200);
    await assert.rejects(connect({ daemon }));
    polite.write("still");
    assert.equal(String((await once(polite, "data"))[0]), "still");
    const cut = endOf(stubborn);
    polite.end();
    assert.equal(await endOf(polite), "end");
    assert.equal(await cut, "ECONNRESET");
    await closed;
  });
});
