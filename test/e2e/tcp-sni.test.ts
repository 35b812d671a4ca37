/** TLS connections that a TCP router passes on by the server's name in their hello, untouched. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import tls from "node:tls";
import { realHello } from "../fakes/client-hello.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { type Authority, authority } from "../servers/certificates.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

let trusted: Authority;
let daemon: TestDaemon;
const stack = new AsyncDisposableStack();

/** A TLS server with a certificate of its own, which says its name and what it was asked. */
async function startServer(name: string): Promise<number> {
  const { certPath, keyPath } = trusted.issue(name, { commonName: name });
  const server = tls.createServer(
    { cert: readFileSync(certPath), key: readFileSync(keyPath), ALPNProtocols: ["x/1"] },
    (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => socket.end(`${name}: ${bytes.toString()}`));
    },
  );
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => void server.close());
  return (server.address() as net.AddressInfo).port;
}

async function failuresWith(code: string): Promise<number> {
  const page = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
  const line = page
    .split("\n")
    .find((each) => each.startsWith("linkspan_failures_total{") && each.includes(`"${code}"`));
  return Number(line?.split(" ").at(-1) ?? 0);
}

/** Sends each chunk for itself, and tells how the connection ended. */
async function sendRaw(...chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = net.connect({ port: daemon.port, host: "127.0.0.1", noDelay: true });
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    socket.on("end", () => resolve("end"));
  });
  socket.resume();
  for (const chunk of chunks) {
    socket.write(chunk);
    await letPass(5);
  }
  return ended;
}

describe("a TCP router by SNI", { timeout: 60_000 }, () => {
  before(async () => {
    trusted = stack.use(authority());
    const folder = stack.use(
      tempFolder({
        "users.example": `127.0.0.1 ${await startServer("users.example")}\n`,
        "shop.example": `127.0.0.1 ${await startServer("shop.example")}\n`,
      }),
    );
    const yaml = `admin: {port: 0}
sources: {f: {files: .}}
listen: {http: 0, tcp: {0: {sni: true}}}
routes: {users.example: f/users.example, "*": f/*}
`;
    const opened = stack.use(await startDaemon(yaml, folder.path));
    daemon = { ...opened, port: opened.daemon.servers[1]?.port ?? 0 };
  });
  after(() => stack.disposeAsync());

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`leads ${version} to the server that the hello names, which shows its own certificate`, async () => {
      for (const name of ["users.example", "Shop.Example"]) {
        const socket = tls.connect({
          port: daemon.port,
          host: "127.0.0.1",
          servername: name,
          ca: readFileSync(trusted.caPath),
          minVersion: version,
          maxVersion: version,
          ALPNProtocols: ["x/1"],
        });
        await once(socket, "secureConnect");
        assert.equal(socket.authorized, true);
        assert.equal(socket.alpnProtocol, "x/1");
        assert.equal(socket.getPeerCertificate().subject.CN, name.toLowerCase());
        socket.write("hello");
        assert.equal(await text(socket), `${name.toLowerCase()}: hello`);
      }
    });
  }

  it("passes a hello on that came in many pieces", async () => {
    const wire = net.connect({ port: daemon.port, host: "127.0.0.1", noDelay: true });
    await once(wire, "connect");
    const hello = await realHello({ servername: "users.example" });
    for (const at of [0, 1, 3, 5, 6, 9, 40, 100]) {
      const next = [1, 3, 5, 6, 9, 40, 100, hello.length].find((each) => each > at) ?? hello.length;
      wire.write(hello.subarray(at, next));
      await letPass(3);
    }
    const [answer] = (await once(wire, "data")) as [Buffer];
    // A ServerHello: the hello arrived whole, and in order.
    assert.deepEqual([answer[0], answer[5]], [22, 2]);
    wire.destroy();
  });

  it("breaks off, and counts why, what names no server, no TLS, and a name that leads nowhere", async () => {
    const counts = async (): Promise<readonly number[]> => [
      await failuresWith("request.unidentified"),
      await failuresWith("request.malformed"),
      await failuresWith("name.negative"),
      await failuresWith("request.head_too_large"),
    ];
    assert.deepEqual(await counts(), [0, 0, 0, 0]);
    assert.equal(await sendRaw(await realHello({ host: "127.0.0.1" })), "ECONNRESET");
    assert.equal(await sendRaw("GET / HTTP/1.1\r\nHost: users.example\r\n\r\n"), "ECONNRESET");
    assert.equal(await sendRaw(await realHello({ servername: "nobody.example" })), "ECONNRESET");
    assert.equal(await sendRaw(Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x40, 0])), "ECONNRESET");
    await waitUntil("all are counted", 5000, async () => (await counts()).join() === "1,1,1,1");
  });

  it("cuts off who does not send a hello in time", async () => {
    const from = performance.now();
    const hello = await realHello({ servername: "users.example" });
    assert.equal(await sendRaw(hello.subarray(0, 50)), "ECONNRESET");
    const waited = performance.now() - from;
    assert.ok(waited > 4500 && waited < 10_000, `${waited} ms`);
    assert.equal(await failuresWith("request.timeout"), 1);
  });
});
