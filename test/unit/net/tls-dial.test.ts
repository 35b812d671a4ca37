/** Tests of TLS towards endpoints: what is agreed on, shown, resumed and refused. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { after, describe, it } from "node:test";
import tls from "node:tls";
import { ConnectError, Connector } from "../../../src/net/connector.ts";
import { ClientTls } from "../../../src/net/tls-client.ts";
import type { Securing } from "../../../src/net/tls-dial.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { passes } from "../../fakes/passes.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
const users = ca.issue("users", { commonName: "users.example" });
const never = new AbortController().signal;

interface Endpoint extends AsyncDisposable {
  readonly port: number;
}

async function endpoint(options: tls.TlsOptions, greet = "hello"): Promise<Endpoint> {
  const sockets = new Set<net.Socket>();
  const identity = { cert: readFileSync(users.certPath), key: readFileSync(users.keyPath) };
  const server = tls.createServer({ ...identity, ...options }, (socket) => {
    socket.on("error", () => undefined);
    socket.write(greet);
  });
  server.on("connection", (socket: net.Socket) => sockets.add(socket));
  return listening(server, sockets);
}

async function listening(server: net.Server, sockets: ReadonlySet<net.Socket>): Promise<Endpoint> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

class Site implements Disposable {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly counters = { ok: { value: 0 }, resumed: { value: 0 }, failed: { value: 0 } };
  readonly tls = new ClientTls({ trust: [ca.caPath] }, this);
  got = "";

  connect(port: number, how: Partial<Securing> = {}): Promise<net.Socket> {
    const securing: Securing = { tls: this.tls, name: "users.example", validates: true, alpn: "http/1.1", ...how };
    const resolver = { addresses: () => Promise.reject(new Error("no names here")) };
    const connector = new Connector({ clock: this.clock, resolver, timeoutMs: 1000, tls: securing });
    return connector.connect("127.0.0.1", port, never, (bytes) => (this.got += bytes.toString()));
  }

  async refused(port: number, how: Partial<Securing>, message: RegExp): Promise<void> {
    await assert.rejects(this.connect(port, how), (error: unknown) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, "tls.failed");
      assert.match(error.message, message);
      return true;
    });
  }

  [Symbol.dispose](): void {
    this.tls[Symbol.dispose]();
  }
}

describe("a connection to an endpoint", () => {
  it("is read into the shared memory once it is secured, and resumed the next time", async () => {
    await using server = await endpoint({ ALPNProtocols: ["http/1.1", "h2"] });
    using site = new Site();
    for (const alpn of ["http/1.1", "h2"] as const) {
      site.got = "";
      const socket = (await site.connect(server.port, { alpn })) as tls.TLSSocket;
      await passes(() => assert.equal(site.got, "hello"));
      assert.deepEqual([socket.alpnProtocol, socket.servername], [alpn, "users.example"]);
      socket.destroy();
      (await site.connect(server.port, { alpn })).destroy();
    }
    assert.deepEqual([site.counters.ok.value, site.counters.resumed.value, site.tls.sessions.size], [2, 2, 2]);
  });

  it("that shall carry HTTP/2 needs an endpoint that agrees to it", async () => {
    await using silent = await endpoint({});
    await using old = await endpoint({ ALPNProtocols: ["http/1.1"] });
    using site = new Site();
    await site.refused(silent.port, { alpn: "h2" }, /as users\.example: it does not speak HTTP\/2/);
    await site.refused(old.port, { alpn: "h2" }, /as users\.example: it speaks none of the protocols/);
    (await site.connect(silent.port)).destroy();
    assert.equal(site.counters.failed.value, 2);
    assert.equal(site.log.told("tls.failed").length, 2);
  });

  it("is held to one time for TCP and TLS together", async () => {
    const sockets = new Set<net.Socket>();
    await using mute = await listening(
      net.createServer((socket) => void sockets.add(socket.on("error", () => undefined))),
      sockets,
    );
    using site = new Site();
    const connecting = site.connect(mute.port);
    await passes(() => assert.equal(sockets.size, 1));
    site.clock.advance(1000);
    await assert.rejects(connecting, { code: "connect.timeout" });
  });

  it("may be for an address instead of a name", async () => {
    const byAddress = ca.issue("address", { commonName: "address", names: ["IP:127.0.0.1"] });
    await using server = await endpoint({
      cert: readFileSync(byAddress.certPath),
      key: readFileSync(byAddress.keyPath),
    });
    using site = new Site();
    (await site.connect(server.port, { name: "127.0.0.1" })).destroy();
    await site.refused(server.port, { name: "10.0.0.1" }, /is for IP Address:127\.0\.0\.1, not for 10\.0\.0\.1/);
  });

  it("is not validated by the environment's leave", async () => {
    const other = authority("Other Root");
    const stranger = other.issue("users", { commonName: "users.example" });
    await using server = await endpoint({ cert: readFileSync(stranger.certPath), key: readFileSync(stranger.keyPath) });
    using site = new Site();
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      await site.refused(server.port, {}, /is signed by nobody in .*ca\.crt/);
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
    (await site.connect(server.port, { validates: false, name: undefined })).destroy();
    other[Symbol.dispose]();
  });

  it("that fails is told now and then, and its session is given up", async () => {
    await using server = await endpoint({});
    using site = new Site();
    for (let time = 0; time < 3; time++)
      await site.refused(server.port, { name: "other.example" }, /not for other\.example/);
    assert.equal(site.log.told("tls.failed").length, 1);
    site.clock.advance(60_000);
    await site.refused(server.port, { name: "other.example" }, /not for other\.example/);
    assert.equal(site.log.told("tls.failed")[1]?.fields["unsaid"], 2);
    assert.equal(site.tls.sessions.size, 0);
  });
});
