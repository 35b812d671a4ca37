/** Tests of a caller's connection; test/conformance has those over real sockets. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink } from "../../../src/http/body.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";
import { answer, DownstreamFixture } from "../../fakes/downstream-fixture.ts";

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const bodyOf = (written: string): string[] =>
  [...written.matchAll(/\r\n\r\n([^H]*)/g)].map((match) => match[1] as string);

describe("a caller's connection", () => {
  it("dispatches the next request only after the one before is over", () => {
    const targets: string[] = [];
    let waiting: Exchange | undefined;
    const { socket } = new DownstreamFixture((x) => {
      targets.push(x.request.target);
      waiting = x;
    });
    socket.receive(get("/1") + get("/2"));
    assert.deepEqual(targets, ["/1"]);
    answer(waiting as Exchange, "one");
    return new Promise<void>((resolve) => {
      setImmediate(() => {
        assert.deepEqual(targets, ["/1", "/2"]);
        assert.deepEqual(bodyOf(socket.written), ["one"]);
        resolve();
      });
    });
  });

  it("answers many pipelined requests at once without deep recursion", () => {
    let count = 0;
    const { socket } = new DownstreamFixture((x) => answer(x, String(count++)));
    socket.receive(get("/").repeat(2000));
    assert.equal(count, 2000);
    assert.equal(bodyOf(socket.written).at(-1), "1999");
  });

  it("tells the exchange when it came, from whom, and nothing of the one before", () => {
    const epochs: number[] = [];
    const started: number[] = [];
    const { socket, clock } = new DownstreamFixture((x) => {
      epochs.push(x.epoch);
      started.push(x.startedAt);
      assert.equal(x.failure, undefined);
      answer(x, "");
    });
    clock.advance(100);
    socket.receive("GET / HT");
    clock.advance(50);
    socket.receive("TP/1.1\r\nHost: a\r\n\r\n");
    clock.advance(100);
    socket.receive(get("/"));
    assert.deepEqual(epochs, [0, 1]);
    assert.deepEqual(started, [100, 250]);
  });

  it("cancels what is under way when its caller leaves, and is closed once", () => {
    const heard: string[] = [];
    const fixture = new DownstreamFixture((x) => {
      x.holder = {
        cancel: (_x, failure) => {
          heard.push(failure.code);
          x.holder = undefined;
          x.failure = failure;
          x.downstream?.respond(x);
          x.downstream?.finish(x);
        },
        abandon: () => assert.fail("nobody tries again"),
      };
    });
    fixture.socket.receive(get("/"));
    fixture.socket.emit("error", new Error("reset"));
    fixture.socket.emit("close");
    fixture.connection.destroy();
    assert.deepEqual(heard, ["downstream.gone"]);
    assert.equal(fixture.closed, 1);
    assert.equal(fixture.socket.written, "");
    assert.equal(fixture.clock.waiting <= 1, true);
  });

  it("closes when it drains: after a last call where it is idle, behind the answer where it is busy", () => {
    const idle = new DownstreamFixture(() => undefined);
    idle.connection.drain();
    idle.clock.advance(1_900);
    assert.equal(idle.socket.wasEnded, false);
    idle.clock.advance(400);
    assert.equal(idle.socket.wasEnded, true);
    let waiting: Exchange | undefined;
    const busy = new DownstreamFixture((x) => (waiting = x));
    busy.socket.receive(get("/"));
    busy.connection.drain();
    assert.equal(busy.socket.wasEnded, false);
    answer(waiting as Exchange, "ok");
    assert.match(busy.socket.written, /\r\nconnection: close\r\n\r\nok$/);
    assert.equal(busy.socket.wasEnded, true);
  });

  it("serves a request that comes within the last call, and closes behind its answer", () => {
    const { connection, clock, socket } = new DownstreamFixture((x) => answer(x, "late"));
    connection.drain();
    clock.advance(1_900);
    socket.receive(get("/"));
    assert.match(socket.written, /\r\nconnection: close\r\n\r\nlate$/);
    assert.equal(socket.wasEnded, true);
  });

  it("serves one more request where the answer under way had begun before it drained", () => {
    const taken: Exchange[] = [];
    const sinks: BodySink[] = [];
    const { connection, socket } = new DownstreamFixture((x) => void taken.push(x));
    socket.receive(get("/1"));
    const [x] = taken as [Exchange];
    x.responseBody = { length: -1, started: false, pipe: (to) => void sinks.push(to), drained: () => undefined };
    x.response.status = 200;
    x.response.headers = new HeaderList();
    x.downstream?.respond(x);
    connection.drain();
    sinks[0]?.end();
    x.downstream?.finish(x);
    assert.doesNotMatch(socket.written, /connection: close/);
    assert.equal(socket.wasEnded, false);
    socket.receive(get("/2"));
    answer(x, "last");
    assert.match(socket.written, /\r\nconnection: close\r\n\r\nlast$/);
    assert.equal(socket.wasEnded, true);
  });

  it("lingers behind its last answer, but not for ever", () => {
    const fixture = new DownstreamFixture(() => undefined);
    fixture.socket.receive("nonsense\r\n\r\n");
    assert.deepEqual(fixture.refused, ["400 request.malformed"]);
    assert.equal(fixture.socket.wasEnded, true);
    assert.equal(fixture.socket.destroyed, false);
    fixture.socket.receive("more nonsense");
    fixture.clock.advance(1500);
    assert.equal(fixture.socket.destroyed, true);
    assert.equal(fixture.closed, 1);
  });

  it("throws away a small body that nobody wanted, and stays", () => {
    const targets: string[] = [];
    const { socket } = new DownstreamFixture((x) => {
      targets.push(x.request.target);
      answer(x, "no");
    });
    socket.receive("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
    socket.receive(`67890${get("/2")}`);
    assert.deepEqual(targets, ["/1", "/2"]);
    assert.equal(socket.wasEnded, false);
  });

  it("closes rather than read a large body that nobody wanted", () => {
    const { socket } = new DownstreamFixture((x) => answer(x, "no"));
    socket.receive("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n12345");
    assert.equal(socket.wasEnded, true);
    const chunked = new DownstreamFixture((x) => answer(x, "no"));
    chunked.socket.receive("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let sent = 0; sent < 20; sent++) chunked.socket.receive(`2000\r\n${"x".repeat(8192)}\r\n`);
    assert.equal(chunked.socket.wasEnded, true);
  });

  it("answers a defect with 500, tells of it, and lives", () => {
    const defect = new Error("a defect");
    const fixture = new DownstreamFixture(() => {
      throw defect;
    });
    fixture.socket.receive(get("/"));
    assert.deepEqual(fixture.bugs, [defect]);
    assert.match(fixture.socket.written, /^HTTP\/1\.1 500 [^]*\r\nlinkspan-code: internal\r\n/);
    assert.equal(fixture.socket.wasEnded, true);
  });

  it("makes an answer of a failure that nobody has made one of", () => {
    const { socket } = new DownstreamFixture((x) => {
      x.failure = failures["cluster.empty"];
      x.downstream?.respond(x);
      x.downstream?.finish(x);
    });
    socket.receive(get("/"));
    assert.match(socket.written, /^HTTP\/1\.1 503 [^]*linkspan-code: cluster\.empty/);
  });

  it("is reset, not ended, where its end would look like that of a broken answer", () => {
    const { socket } = new DownstreamFixture((x) => {
      x.response.status = 200;
      x.responseBody = {
        length: -1,
        started: false,
        pipe: (sink) => {
          sink.chunk(Buffer.from("half"));
          sink.fail(failures["upstream.reset"]);
        },
        drained: () => undefined,
      };
      x.downstream?.respond(x);
      x.downstream?.finish(x);
    });
    socket.receive("GET / HTTP/1.0\r\n\r\n");
    assert.equal(socket.wasReset, true);
  });

  it("is reset, not ended, where it is closed in the middle of an answer that ends with the connection", () => {
    const { socket, connection } = new DownstreamFixture((x) => {
      x.response.status = 200;
      x.responseBody = {
        length: -1,
        started: false,
        pipe: (sink) => void sink.chunk(Buffer.from("half")),
        drained: () => undefined,
      };
      x.downstream?.respond(x);
    });
    socket.receive("GET / HTTP/1.0\r\n\r\n");
    connection.destroy();
    assert.equal(socket.wasReset, true);
  });

  it("lets a slow caller take its last answer", () => {
    const fixture = new DownstreamFixture((x) => answer(x, "the last"));
    fixture.socket.isFull = true;
    fixture.socket.receive("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    fixture.clock.advance(5000);
    assert.equal(fixture.socket.destroyed, false);
    fixture.socket.drain();
    fixture.clock.advance(1500);
    assert.equal(fixture.socket.destroyed, true);
  });

  it("can be left to HTTP/2 by Upgrade: h2c, with what came behind the request", () => {
    const taken: string[] = [];
    const fixture = new DownstreamFixture((x) => answer(x, "no"));
    const successor = { drain: () => void taken.push("drain"), destroy: () => void taken.push("destroy") };
    Object.assign(fixture.site, {
      upgradeToH2: (_socket: unknown, head: { target: string }, rest: Buffer) => {
        taken.push(`${head.target} ${rest.toString()}`);
        return successor;
      },
    });
    const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    fixture.socket.receive(`GET /x HTTP/1.1\r\nHost: a\r\n${upgrade}\r\nPRI *`);
    fixture.socket.receive(" HTTP/2.0");
    assert.deepEqual(taken, ["/x PRI *"]);
    assert.equal(fixture.socket.written, "");
    fixture.connection.drain();
    fixture.connection.destroy();
    assert.deepEqual(taken.slice(1), ["drain", "destroy"]);
    assert.equal(fixture.socket.destroyed, false, "the socket is the successor's");
  });

  it("answers a handshake whose endpoint gave no Accept, and hands over what came early", () => {
    let asked: Exchange | undefined;
    const sink = new CollectingSink();
    const { socket } = new DownstreamFixture((x) => (asked = x));
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    socket.receive(`GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\nearly`);
    const x = asked as Exchange;
    assert.equal(x.upgrade, "websocket");
    x.response.status = 101;
    x.response.reason = "Switching Protocols";
    x.response.headers = new HeaderList();
    x.responseBody = { length: -1, started: false, pipe: (to) => to.flush(), drained: () => undefined };
    x.downstream?.respond(x);
    x.tunnel.pipe(sink);
    assert.match(
      socket.written,
      /^HTTP\/1\.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/,
    );
    assert.equal(sink.text, "early");
    socket.receive(" and late");
    assert.equal(sink.text, "early and late");
    socket.emit("end");
    assert.equal(sink.state, "ended");
    assert.equal(socket.wasEnded, false, "the other half is still open");
  });
});
