/** Tests of the choice of a connection's protocol by its first bytes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Layout, type Exchange } from "../../src/http/exchange.ts";
import { defaultHttp1Settings } from "../../src/http1/settings.ts";
import { defaultHttp2Settings } from "../../src/http2/settings.ts";
import { Sweeper } from "../../src/net/sweeper.ts";
import { acceptEither, protocols, type ProtocolSites } from "../../src/protocol-accept.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { headers, PREFACE, settings } from "../fakes/h2-frames.ts";
import { answer, nextTurn, requestFields } from "../fakes/http2-server-fixture.ts";
import { LinkedSocket } from "../fakes/linked-sockets.ts";

class Bench {
  readonly clock = new FakeClock();
  readonly exchanges: Exchange[] = [];
  readonly socket = new LinkedSocket();
  closed = 0;
  readonly connection;

  constructor(main: ProtocolSites["main"] = "http1") {
    const service = { dispatch: (x: Exchange) => void this.exchanges.push(x) };
    const common = {
      service,
      layout: new Layout(),
      clock: this.clock,
      sweeper: new Sweeper(this.clock),
      bug: (error: unknown) => assert.fail(String(error)),
    };
    const http1 = { ...common, settings: defaultHttp1Settings };
    const http2 = { ...common, settings: defaultHttp2Settings };
    this.connection = acceptEither({ http1, http2, main })(this.socket, () => void this.closed++);
  }

  /** Each piece comes in a read of its own. */
  send(...pieces: (string | Uint8Array)[]): void {
    for (const piece of pieces) this.socket.emit("data", Buffer.from(piece as string));
  }

  async sent(): Promise<string> {
    await nextTurn();
    return this.socket.takeBytes(1e9).toString("latin1");
  }
}

const http1Request = "GET /x HTTP/1.1\r\nHost: web\r\n\r\n";
const http2Request = Buffer.concat([Buffer.from(PREFACE), settings(), headers(1, requestFields("/x"), { end: true })]);

describe("the choice of a protocol", () => {
  it("goes by the preface, whole or byte by byte", () => {
    for (const main of ["http1", "http2"] as const) {
      const whole = new Bench(main);
      whole.send(http2Request);
      assert.equal(whole.exchanges[0]?.request.version, 20);
      const cut = new Bench(main);
      cut.send(...[...http2Request].map((byte) => Buffer.of(byte)));
      assert.equal(cut.exchanges[0]?.request.target, "/x");
      const one = new Bench(main);
      one.send(...[...Buffer.from(http1Request)].map((byte) => Buffer.of(byte)));
      assert.equal(one.exchanges[0]?.request.version, 11);
    }
  });

  it("takes a method that begins like the preface for what it is", async () => {
    const bench = new Bench();
    bench.send("PR", "OPFIND /x HTTP/1.1\r\nHost: web\r\n\r\n");
    assert.equal(bench.exchanges[0]?.request.method, "PROPFIND");
    answer(bench.exchanges[0] as Exchange, "a");
    assert.match(await bench.sent(), /^HTTP\/1\.1 200/);
  });

  it("has what is neither answered as the router's own protocol would", async () => {
    const garbage = "INVALID CONNECTION PREFACE\r\n\r\n";
    const one = new Bench("http1");
    one.send(garbage);
    assert.match(await one.sent(), /^HTTP\/1\.1 400/);
    const two = new Bench("http2");
    two.send(garbage);
    assert.match(await two.sent(), /the preface is not HTTP\/2's/);
    const plain = new Bench("http2");
    plain.send(http1Request);
    assert.equal(plain.exchanges[0]?.request.version, 11);
  });

  it("waits so long for a whole preface, and no longer", async () => {
    const bench = new Bench();
    bench.clock.advance(60_000);
    bench.send("PRI * HT");
    bench.clock.advance(9500);
    assert.equal(bench.closed, 0);
    bench.clock.advance(1000);
    assert.equal(bench.closed, 1);
    assert.ok(bench.socket.destroyed);
  });

  it("tells its owner once when the connection is gone, before and after the choice", async () => {
    const before = new Bench();
    before.socket.emit("end");
    before.connection.destroy();
    assert.equal(before.closed, 1);
    const after = new Bench();
    after.send(http2Request);
    after.connection.destroy();
    await nextTurn();
    assert.equal(after.closed, 1);
  });

  it("drains a connection that has said nothing by waiting a little for what may be on its way", async () => {
    const silent = new Bench();
    silent.connection.drain();
    silent.clock.advance(2250);
    assert.equal(silent.closed, 1);
    const crossing = new Bench();
    crossing.connection.drain();
    crossing.send(http2Request);
    assert.equal(crossing.exchanges.length, 1);
    assert.ok((await crossing.sent()).includes("\x07\x00\x00\x00\x00\x00\x7f\xff\xff\xff"), "GOAWAY");
  });

  it("takes a connection over from HTTP/1 by Upgrade", async () => {
    const bench = new Bench();
    bench.send(
      "GET /up HTTP/1.1\r\nHost: web\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAQAAP__\r\n\r\n",
    );
    assert.deepEqual([bench.exchanges[0]?.request.version, bench.exchanges[0]?.request.target], [20, "/up"]);
    assert.match(await bench.sent(), /^HTTP\/1\.1 101 /);
    bench.connection.destroy();
    await nextTurn();
    assert.equal(bench.closed, 1);
  });

  it("offers both by ALPN, HTTP/2 first", () => {
    assert.deepEqual(protocols, ["h2", "http/1.1"]);
  });
});
