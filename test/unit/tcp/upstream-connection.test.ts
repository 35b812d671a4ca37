import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { type Exchange, Layout } from "../../../src/http/exchange.ts";
import { Sweeper } from "../../../src/net/sweeper.ts";
import { ByteSource } from "../../../src/tcp/byte-source.ts";
import { SocketSink } from "../../../src/tcp/socket-sink.ts";
import { TcpConnection } from "../../../src/tcp/upstream-connection.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";
import { Hearer, plainExchange } from "../../fakes/plain-exchange.ts";

/** Writes down what it heard, and takes the answer as a caller's connection does. */
class Caller extends Hearer {
  readonly socket = new FakeSocket();
  readonly sink = new SocketSink(this.socket, { value: 0 });
  override respond(x: Exchange): void {
    super.respond(x);
    if (x.failure === undefined) x.responseBody.pipe(this.sink);
  }
}

function fixture() {
  const clock = new FakeClock();
  const sweeper = new Sweeper(clock);
  const far = new FakeSocket();
  const closed: unknown[] = [];
  const bugs: unknown[] = [];
  const owner = { freed: () => assert.fail("it is never used again"), closed: (each: unknown) => closed.push(each) };
  const options = { clock, sweeper, idleTimeoutMs: 60_000, bug: (error: unknown) => bugs.push(error) };
  const connection = new TcpConnection(far, owner, options);
  const caller = new Caller();
  const x = plainExchange(new Layout());
  const source = new ByteSource(caller.socket, () => undefined);
  x.requestBody = source;
  const send = (): void => connection.send(x, caller);
  const receive = (text: string): void => connection.received(Buffer.from(text));
  return {
    clock,
    far,
    connection,
    caller,
    x,
    source,
    send,
    receive,
    closed,
    bugs,
    heard: () => caller.of(x).join(" "),
  };
}

describe("a connection to an endpoint", () => {
  it("takes one exchange, and answers it with the endpoint's first byte", () => {
    const { connection, x, caller, far, source, send, receive, clock, heard } = fixture();
    assert.deepEqual([connection.status, connection.free], ["open", 1]);
    source.push(Buffer.from("hello"));
    send();
    assert.deepEqual([connection.status, connection.free, x.sent, x.answeredAt], ["busy", 0, true, clock.now()]);
    assert.deepEqual([far.written, heard()], ["hello", ""]);
    receive("hi");
    receive("!");
    assert.deepEqual([caller.socket.written, heard()], ["hi!", "200"]);
  });

  it("refuses a second exchange as one that was not sent", () => {
    const { connection, send } = fixture();
    send();
    const other = plainExchange(new Layout());
    const hearer = new Hearer();
    connection.send(other, hearer);
    assert.deepEqual(hearer.of(other), ["upstream.reset", "end"]);
    assert.equal(other.failure?.flags.has("retryable"), true);
    assert.equal(other.sent, false);
  });

  it("counts as answered when it has stood for a second", () => {
    const { clock, send, heard } = fixture();
    send();
    clock.advance(900);
    assert.equal(heard(), "");
    clock.advance(400);
    assert.equal(heard(), "200");
  });

  it("gives on what the endpoint said before the exchange was there, and ended", () => {
    const { caller, far, send, receive, heard } = fixture();
    receive("greeting");
    far.emit("end");
    send();
    assert.deepEqual([caller.socket.written, caller.socket.wasEnded, heard()], ["greeting", true, "200"]);
  });

  it("is over when both halves are, and the caller has everything", () => {
    const { far, source, send, receive, closed, connection, heard, x } = fixture();
    send();
    receive("much");
    far.emit("end");
    source.end();
    assert.equal(far.wasEnded, true);
    far.emit("close");
    assert.equal(heard(), "200 end");
    assert.deepEqual([closed, connection.status, x.broken, x.holder], [[connection], "closed", undefined, undefined]);
  });

  it("waits for a caller that takes the last bytes slowly, though its socket is gone", () => {
    const { caller, far, source, send, receive, x, heard } = fixture();
    send();
    caller.socket.isFull = true;
    receive("a");
    receive("b");
    far.emit("end");
    source.end();
    far.emit("close");
    assert.equal(heard(), "200");
    caller.socket.drain();
    x.responseBody.drained();
    assert.deepEqual([caller.socket.written, caller.socket.wasEnded, heard()], ["ab", true, "200 end"]);
  });

  it("that is lost before the first byte is a failed attempt, and is not tried again", () => {
    const { far, send, x, heard, closed } = fixture();
    send();
    far.emit("error", new Error("ECONNRESET"));
    far.emit("close");
    assert.equal(heard(), "upstream.reset end");
    assert.equal(x.failure?.flags.has("retryable"), false);
    assert.equal(closed.length, 1);
  });

  it("that is lost later breaks the caller's off", () => {
    for (const how of ["error", "close"]) {
      const { far, send, receive, caller, x, heard } = fixture();
      send();
      receive("half");
      far.emit(how, new Error("ECONNRESET"));
      assert.deepEqual([heard(), x.broken?.code, caller.socket.wasReset], ["200 end", "upstream.reset", true]);
    }
  });

  it("is reset when the caller is gone, answered or not", () => {
    const early = fixture();
    early.send();
    early.x.cancel(failures["downstream.gone"]);
    assert.deepEqual([early.heard(), early.far.wasReset], ["downstream.gone end", true]);
    const late = fixture();
    late.send();
    late.receive("x");
    late.x.cancel(failures["downstream.gone"]);
    assert.deepEqual([late.heard(), late.far.wasReset, late.x.broken?.code], ["200 end", true, "downstream.gone"]);
  });

  it("is given up without an answer", () => {
    const { send, x, heard, far, closed } = fixture();
    send();
    x.abandon();
    assert.deepEqual([heard(), far.wasReset, closed.length], ["end", true, 1]);
  });

  it("is broken off when no byte moves for the idle timeout, and not before", () => {
    const { clock, send, receive, far, x, heard } = fixture();
    let moved = 0;
    Object.defineProperty(far, "bytesRead", { get: () => moved });
    send();
    receive("x");
    for (let minute = 0; minute < 5; minute++) {
      clock.advance(50_000);
      moved++;
    }
    clock.advance(50_000);
    assert.equal(heard(), "200");
    clock.advance(15_000);
    assert.deepEqual([heard(), x.broken?.code, far.wasReset], ["200 end", "connection.idle", true]);
  });

  it("that nobody uses closes with its socket, and is taken back", async () => {
    const unused = fixture();
    unused.far.emit("close");
    assert.deepEqual([unused.connection.status, unused.closed.length], ["closed", 1]);
    const disposed = fixture();
    await disposed.connection[Symbol.asyncDispose]();
    assert.deepEqual([disposed.far.wasReset, disposed.closed.length], [true, 1]);
  });

  it("ends with a failure of ours where the caller's side throws", () => {
    const { send, receive, x, bugs, connection, caller } = fixture();
    send();
    caller.respond = () => {
      throw new Error("a slip");
    };
    receive("x");
    assert.equal(bugs.length, 1);
    assert.deepEqual([connection.status, x.broken?.code], ["closed", "internal"]);
  });
});
