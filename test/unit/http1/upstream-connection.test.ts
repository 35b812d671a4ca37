/** Tests of one connection to an endpoint; test/conformance has those over real sockets. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../src/http/body.ts";
import { Exchange, Layout, type Responder } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { isWebSocketKey, newWebSocketKey, webSocketAccept } from "../../../src/http/websocket.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { Http1Connection } from "../../../src/http1/upstream-connection.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** The stage above a connection, and the pool that it belongs to. */
class Fixture implements Responder {
  readonly socket = new FakeSocket();
  readonly sink = new CollectingSink();
  readonly heard: string[] = [];
  readonly bugs: unknown[] = [];
  readonly connection = new Http1Connection(
    this.socket,
    { freed: () => this.heard.push("freed"), closed: () => this.heard.push("closed") },
    defaultHeadLimits,
    (error) => this.bugs.push(error),
  );
  onRespond: ((x: Exchange) => void) | undefined;

  send(method = "GET", body?: BodySource, upgrade = "", tunnel?: BodySource): Exchange {
    const x = new Exchange(
      { version: 11, method, target: "/", headers: HeaderList.of([["Host", "a"]]) },
      { version: 11, status: 0, reason: "", headers: new HeaderList() },
      new Layout(),
    );
    if (body) x.requestBody = body;
    if (tunnel) x.tunnel = tunnel;
    else if (upgrade !== "") x.tunnel = endless;
    x.upgrade = upgrade;
    this.connection.send(x, this);
    return x;
  }

  receive(text: string): void {
    this.connection.received(Buffer.from(text, "latin1"));
  }

  respond(x: Exchange): void {
    this.heard.push(x.failure ? x.failure.code : String(x.response.status));
    this.onRespond?.(x);
    if (!x.failure && x.holder) x.responseBody.pipe(this.sink);
  }

  finish(): void {
    this.heard.push(`finish ${this.connection.status}`);
  }
}

const endless: BodySource = { length: -1, started: false, pipe: () => undefined, drained: () => undefined };

describe("a connection to an endpoint", () => {
  it("is open, then busy, then open again", () => {
    const fixture = new Fixture();
    assert.deepEqual([fixture.connection.status, fixture.connection.free], ["open", 1]);
    const x = fixture.send();
    assert.deepEqual([fixture.connection.status, fixture.connection.free], ["busy", 0]);
    assert.equal(x.holder, fixture.connection);
    assert.equal(x.sent, true);
    fixture.receive(OK);
    assert.deepEqual(fixture.heard, ["200", "finish busy", "freed"]);
    assert.equal(fixture.sink.text, "ok");
    assert.equal(x.holder, undefined);
    assert.deepEqual([fixture.connection.status, fixture.connection.free], ["open", 1]);
  });

  it("gives the answer's head where the exchange has it", () => {
    const fixture = new Fixture();
    const x = fixture.send();
    fixture.receive("HTTP/1.0 404 Not Here\r\nX: 1\r\n\r\nbody");
    assert.deepEqual([x.response.status, x.response.reason, x.response.version], [404, "Not Here", 10]);
    assert.equal(x.response.headers.get("x"), "1");
    assert.equal(x.responseBody.length, -1);
    fixture.socket.emit("end");
    assert.deepEqual(fixture.heard, ["404", "finish closed", "closed"]);
    assert.deepEqual([fixture.sink.text, fixture.sink.state], ["body", "ended"]);
  });

  it("gives the trailers to the exchange before the body ends", () => {
    const fixture = new Fixture();
    const x = fixture.send();
    const end = fixture.sink.end.bind(fixture.sink);
    fixture.sink.end = (trailers) => {
      assert.equal(x.trailers?.get("x-t"), "1");
      end(trailers);
    };
    fixture.receive("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-T: 1\r\n\r\n");
    assert.equal(fixture.sink.state, "ended");
  });

  it("fails the body, not the head, where it breaks behind the head", () => {
    const fixture = new Fixture();
    fixture.send();
    fixture.receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal");
    fixture.socket.emit("end");
    assert.deepEqual(fixture.heard, ["200", "finish closed", "closed"]);
    assert.deepEqual([fixture.sink.text, fixture.sink.state], ["hal", "failed"]);
    assert.equal(fixture.sink.failure, failures["upstream.reset"]);
  });

  it("keeps what its sink does not take, and stops reading", () => {
    const fixture = new Fixture();
    fixture.sink.stops = true;
    const x = fixture.send();
    fixture.receive("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    fixture.receive("def");
    assert.equal(fixture.sink.text, "abc");
    assert.equal(fixture.socket.paused, 1);
    x.responseBody.drained();
    assert.equal(fixture.sink.text, "abcdef");
    assert.equal(fixture.socket.resumed, 1);
    assert.deepEqual(fixture.heard, ["200", "finish busy", "freed"]);
  });

  it("answers a cancelled exchange with the failure, and is closed", () => {
    const fixture = new Fixture();
    const x = fixture.send();
    x.cancel(failures["total.timeout"]);
    assert.deepEqual(fixture.heard, ["total.timeout", "finish closed", "closed"]);
    assert.equal(fixture.socket.destroyed, true);
    fixture.receive(OK);
    fixture.socket.emit("close");
    assert.equal(fixture.heard.length, 3);
  });

  it("ends an abandoned exchange without an answer", () => {
    const fixture = new Fixture();
    fixture.onRespond = (x) => x.abandon();
    fixture.send();
    fixture.receive(`${OK}`);
    assert.deepEqual(fixture.heard, ["200", "finish closed", "closed"]);
    assert.equal(fixture.sink.text, "");
  });

  it("is closed behind an answer that came before the whole request", () => {
    const fixture = new Fixture();
    fixture.send("POST", endless);
    fixture.receive(OK);
    assert.deepEqual(fixture.heard, ["200", "finish closed", "closed"]);
  });

  it("breaks the exchange where the request's body fails", () => {
    const fixture = new Fixture();
    let fail: (() => void) | undefined;
    fixture.send("POST", { ...endless, pipe: (sink) => (fail = () => sink.fail(failures["request.malformed"])) });
    fail?.();
    assert.deepEqual(fixture.heard, ["request.malformed", "finish closed", "closed"]);
  });

  it("refuses an exchange while it has one, which can be sent elsewhere", () => {
    const fixture = new Fixture();
    fixture.send();
    const second = fixture.send();
    assert.equal(second.failure?.code, "upstream.reset");
    assert.equal(second.failure?.flags.has("retryable"), true);
    assert.deepEqual(fixture.heard, ["upstream.reset", "finish busy"]);
  });

  it("says that an unheard request may be sent again only for a safe one on a reused connection", () => {
    const cases = [
      ["GET", undefined, true, true],
      ["GET", undefined, false, false],
      ["POST", undefined, true, false],
      ["GET", endless, true, false],
    ] as const;
    for (const [method, body, reused, retryable] of cases) {
      const fixture = new Fixture();
      if (reused) {
        fixture.send();
        fixture.receive(OK);
      }
      const x = fixture.send(method, body);
      fixture.socket.emit("end");
      assert.equal(x.failure?.code, "upstream.reset");
      assert.equal(x.failure?.flags.has("retryable"), retryable, `${method} ${reused}`);
    }
    const heard = new Fixture();
    heard.send();
    heard.receive(OK);
    const x = heard.send();
    heard.receive("HTTP/1.1 ");
    heard.socket.emit("end");
    assert.equal(x.failure?.flags.has("retryable"), false);
  });

  it("is closed by bytes that nobody asked for", () => {
    const fixture = new Fixture();
    fixture.receive("HTTP/1.1 408 Timeout\r\n\r\n");
    assert.deepEqual(fixture.heard, ["closed"]);
    assert.equal(fixture.connection.status, "closed");
  });

  it("is not used again behind HTTP/1.0, Connection: close, or a byte too many", () => {
    for (const answer of [
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
      `${OK}x`,
    ]) {
      const fixture = new Fixture();
      fixture.send();
      fixture.receive(answer);
      assert.deepEqual(fixture.heard, ["200", "finish closed", "closed"], answer);
    }
  });

  it("ends an exchange on which a defect threw, and tells of it", () => {
    const fixture = new Fixture();
    const defect = new Error("a defect");
    fixture.onRespond = () => {
      fixture.onRespond = undefined;
      throw defect;
    };
    fixture.send();
    fixture.receive(OK);
    assert.deepEqual(fixture.bugs, [defect]);
    assert.deepEqual(fixture.heard, ["200", "finish closed", "closed"]);
  });

  it("is closed by its owner, which fails what is under way", async () => {
    const fixture = new Fixture();
    fixture.send();
    await fixture.connection[Symbol.asyncDispose]();
    await fixture.connection[Symbol.asyncDispose]();
    assert.deepEqual(fixture.heard, ["upstream.reset", "finish closed", "closed"]);
  });

  it("makes the handshake of a WebSocket whose caller came over HTTP/2, and checks its answer", () => {
    const fixture = new Fixture();
    const x = fixture.send("GET", undefined, "websocket");
    const key = /\r\nsec-websocket-key: (\S+)\r\n/.exec(fixture.socket.written)?.[1] ?? "";
    assert.ok(isWebSocketKey(key));
    assert.match(fixture.socket.written, /\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n$/);
    const head = "HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ";
    fixture.receive(`${head}${webSocketAccept(key)}\r\n\r\nhello`);
    assert.deepEqual(fixture.heard, ["101"]);
    assert.equal(x.responseBody.length, -1);
    assert.equal(fixture.sink.text, "hello");
    const wrong = new Fixture();
    wrong.send("GET", undefined, "websocket");
    wrong.receive(`${head}${webSocketAccept(newWebSocketKey())}\r\n\r\n`);
    assert.deepEqual(wrong.heard, ["upstream.malformed", "finish closed", "closed"]);
  });

  it("asks for no protocol but WebSocket, whatever a caller wants over HTTP/2", () => {
    const fixture = new Fixture();
    fixture.send("GET", undefined, "h2c");
    assert.equal(fixture.socket.written, "");
    assert.deepEqual(fixture.heard, ["upstream.no_upgrade", "finish open", "freed"]);
  });

  it("is a tunnel until both sides have ended, and is not used again", () => {
    const fixture = new Fixture();
    let into: BodySink | undefined;
    const tunnel: BodySource = { ...endless, pipe: (sink) => void (into = sink) };
    const x = fixture.send("CONNECT", undefined, "", tunnel);
    fixture.receive("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    fixture.socket.written = "";
    into?.chunk(Buffer.from("raw"));
    into?.flush();
    assert.equal(fixture.socket.written, "raw");
    fixture.socket.emit("end");
    assert.equal(fixture.sink.state, "ended");
    assert.equal(x.holder, fixture.connection);
    into?.end();
    assert.deepEqual(fixture.heard, ["200", "finish closed", "closed"]);
    assert.equal(fixture.socket.wasReset, false);
  });

  it("tells of a tunnel that breaks, and resets it", () => {
    const fixture = new Fixture();
    const x = fixture.send("CONNECT", undefined, "", endless);
    fixture.receive("HTTP/1.1 200 OK\r\n\r\n");
    x.cancel(failures["downstream.gone"]);
    assert.equal(fixture.socket.wasReset, true);
    assert.equal(x.broken, failures["downstream.gone"]);
    assert.equal(fixture.sink.state, "failed");
  });
});
