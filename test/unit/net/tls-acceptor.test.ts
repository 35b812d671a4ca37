/** Tests of the handshakes with callers: how long, how many, and what becomes of them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { after, describe, it } from "node:test";
import tls from "node:tls";
import { type Accepted, Listener } from "../../../src/net/listener.ts";
import { type HandshakeCounters, TlsAcceptor } from "../../../src/net/tls-acceptor.ts";
import { readServerIdentity } from "../../../src/net/tls-server.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { waitUntil } from "../../load/wait-until.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
const web = ca.issue("web", { commonName: "web.example" });
const identity = readServerIdentity({ pairs: [web], clientAuth: "none" }, readFileSync);

class Site implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly counters: HandshakeCounters = {
    ok: { value: 0 },
    resumed: { value: 0 },
    failed: { value: 0 },
    late: { value: 0 },
    refused: { value: 0 },
  };
  readonly taken: net.Socket[] = [];
  drained = 0;
  readonly acceptor: TlsAcceptor;
  listener!: Listener;

  private constructor(alpn: readonly string[]) {
    const { clock, log, counters } = this;
    const accept = (socket: net.Socket, closed: () => void): Accepted => {
      this.taken.push(socket);
      socket.on("error", () => undefined);
      socket.on("close", closed);
      socket.on("end", () => socket.end());
      socket.resume();
      return { drain: () => void this.drained++, destroy: () => void socket.destroy() };
    };
    this.acceptor = new TlsAcceptor({
      identity,
      clientAuth: "none",
      alpn,
      accept,
      clock,
      log,
      counters,
      handshakeTimeoutMs: 3_000,
      maxHandshakes: 2,
    });
  }

  static async open(alpn: readonly string[] = ["h2", "http/1.1"]): Promise<Site> {
    const site = new Site(alpn);
    site.listener = await Listener.listen({ host: "127.0.0.1", port: 0, accept: site.acceptor.accept });
    return site;
  }

  /** A connection over which nothing is said. */
  async silent(): Promise<net.Socket> {
    const socket = net.connect(this.listener.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    await once(socket, "connect");
    return socket;
  }

  async secured(options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
    const socket = tls.connect({ host: "127.0.0.1", port: this.listener.port, rejectUnauthorized: false, ...options });
    await once(socket, "secureConnect");
    socket.on("error", () => undefined);
    return socket;
  }

  get reasons(): readonly unknown[] {
    return this.log.lines.map(({ event, fields }) => `${event} ${String(fields["reason"])}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.listener.close();
  }
}

describe("a handshake", () => {
  it("hands the secured socket on, with the protocol that was agreed on", async () => {
    await using site = await Site.open();
    for (const alpn of ["http/1.1", "h2"]) {
      const caller = await site.secured({ ALPNProtocols: [alpn] });
      await waitUntil("it is handed on", 5_000, () => site.taken.length > 0);
      const socket = site.taken.pop() as tls.TLSSocket;
      assert.deepEqual([socket.alpnProtocol, socket.allowHalfOpen, site.acceptor.pending], [alpn, true, 0]);
      caller.destroy();
    }
    assert.equal(site.counters.ok.value, 2);
    await waitUntil("both are gone", 5_000, () => site.listener.connections === 0);
  });

  it("that is not over in time is cut off and told", async () => {
    await using site = await Site.open();
    const caller = await site.silent();
    await waitUntil("it is under way", 5_000, () => site.acceptor.pending === 1);
    site.clock.advance(2_999);
    assert.equal(site.acceptor.pending, 1);
    site.clock.advance(1);
    await once(caller, "close");
    await waitUntil("it is gone", 5_000, () => site.listener.connections === 0);
    assert.deepEqual([site.counters.late.value, site.acceptor.pending], [1, 0]);
    assert.deepEqual(site.reasons, ["tls.refused no handshake within 3000 ms"]);
  });

  it("too many is closed at once, and the others go on", async () => {
    await using site = await Site.open();
    const first = await site.silent();
    await site.silent();
    await waitUntil("two are under way", 5_000, () => site.acceptor.pending === 2);
    const third = await site.silent();
    await once(third, "close");
    assert.deepEqual([site.counters.refused.value, site.acceptor.pending], [1, 2]);
    assert.deepEqual(site.reasons, ["tls.refused too many handshakes are under way"]);
    first.destroy();
    await waitUntil("there is room", 5_000, () => site.acceptor.pending === 1);
    (await site.secured()).destroy();
  });

  it("that the caller breaks off is nobody's trouble, however it does", async () => {
    await using site = await Site.open();
    const leave = [(socket: net.Socket) => socket.end(), (socket: net.Socket) => socket.resetAndDestroy()];
    for (const how of leave) {
      const caller = await site.silent();
      await waitUntil("it is under way", 5_000, () => site.acceptor.pending === 1);
      how(caller);
      await waitUntil("it is gone", 5_000, () => site.listener.connections === 0);
    }
    assert.deepEqual([site.log.lines, site.acceptor.pending, site.counters.failed.value], [[], 0, 2]);
  });

  it("with a caller that speaks something else is told", async () => {
    await using site = await Site.open(["h2"]);
    await assert.rejects(site.secured({ ALPNProtocols: ["http/1.1"] }), /no application protocol/);
    assert.deepEqual(site.reasons, ["tls.refused it speaks none of the protocols that are spoken here (ALPN)"]);
  });

  it("under way when the listener drains is finished, and its connection drained then", async () => {
    await using site = await Site.open();
    const hello = tls.connect({ socket: await site.silent(), rejectUnauthorized: false });
    hello.on("error", () => undefined);
    await waitUntil("it is under way", 5_000, () => site.acceptor.pending === 1);
    const deadline = new AbortController();
    const closed = site.listener.close(deadline.signal);
    await waitUntil("it is drained", 5_000, () => site.drained === 1);
    deadline.abort();
    await closed;
    hello.destroy();
  });

  it("uses what was given last; connections from before go on", async () => {
    await using site = await Site.open();
    const before = await site.secured();
    const next = ca.issue("next", { commonName: "next.example" });
    site.acceptor.use(readServerIdentity({ pairs: [next], clientAuth: "none" }, readFileSync));
    const behind = await site.secured();
    assert.deepEqual(
      [before, behind].map((socket) => socket.getPeerCertificate().subject.CN),
      ["web.example", "next.example"],
    );
    const named = await site.secured({ servername: "web.example" });
    assert.equal(named.getPeerCertificate().subject.CN, "next.example");
    await waitUntil("all are handed on", 5_000, () => site.taken.length === 3);
    before.write("still here");
    const [said] = (await once(site.taken[0] as net.Socket, "data")) as [Buffer];
    assert.equal(said.toString(), "still here");
    for (const socket of [before, behind, named]) socket.destroy();
  });

  it("resumes no session that began before the files changed", async () => {
    await using site = await Site.open();
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const first = tls.connect({ host: "127.0.0.1", port: site.listener.port, rejectUnauthorized: false, maxVersion });
      const [session] = (await once(first, "session")) as [Buffer];
      first.destroy();
      const again = await site.secured({ maxVersion, session });
      site.acceptor.use(identity);
      const anew = await site.secured({ maxVersion, session });
      assert.deepEqual([again.isSessionReused(), anew.isSessionReused()], [true, false], maxVersion);
      for (const socket of [again, anew]) socket.destroy();
    }
  });

  it("gives a socket that can be reset", async () => {
    await using site = await Site.open();
    const caller = await site.secured();
    await waitUntil("it is handed on", 5_000, () => site.taken.length === 1);
    site.taken[0]?.resetAndDestroy();
    caller.resume();
    await waitUntil("the caller hears of it", 5_000, () => caller.destroyed);
    await waitUntil("it is gone", 5_000, () => site.listener.connections === 0);
  });
});
