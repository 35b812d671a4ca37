import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { type Exchange, Layout } from "../../../src/http/exchange.ts";
import { Sweeper } from "../../../src/net/sweeper.ts";
import { ByteSource } from "../../../src/tcp/byte-source.ts";
import { TcpDownstream } from "../../../src/tcp/downstream.ts";
import { defaultTcpSettings } from "../../../src/tcp/settings.ts";
import { SocketSink } from "../../../src/tcp/socket-sink.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { helloMessage, inRecords, serverName } from "../../fakes/client-hello.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

const { helloTimeoutMs, lingerMs } = defaultTcpSettings;

/** A caller's connection, and an endpoint that the test plays: it holds the exchange. */
function fixture({ readsHello = false, service = undefined as ((x: Exchange) => void) | undefined } = {}) {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const far = new FakeSocket();
  const exchanges: Exchange[] = [];
  const targets: string[] = [];
  const refused: string[] = [];
  const cancelled: string[] = [];
  const bugs: unknown[] = [];
  let closed = 0;
  const holder = {
    cancel: (x: Exchange, why: { readonly code: string }): void => {
      cancelled.push(why.code);
      x.broken = failures["downstream.gone"];
      x.downstream?.finish(x);
    },
    abandon: () => assert.fail("nobody abandons"),
  };
  const dispatch = (x: Exchange): void => {
    exchanges.push(x);
    targets.push(x.request.target);
    x.holder = holder;
    service?.(x);
  };
  const received = { value: 0 };
  const site = {
    service: { dispatch },
    layout: new Layout(),
    settings: defaultTcpSettings,
    port: 3306,
    readsHello,
    clock,
    sweeper: new Sweeper(clock),
    received,
    sent: { value: 0 },
    bug: (error: unknown) => bugs.push(error),
    refused: ({ code }: { readonly code: string }) => void refused.push(code),
  };
  const connection = new TcpDownstream(socket, site, () => closed++);
  const source = new ByteSource(far, () => undefined);
  /** The endpoint accepts. */
  const answer = (): Exchange => {
    const x = exchanges[0] as Exchange;
    x.requestBody.pipe(new SocketSink(far, { value: 0 }));
    x.responseBody = source;
    x.downstream?.respond(x);
    return x;
  };
  return {
    clock,
    socket,
    far,
    source,
    connection,
    answer,
    exchanges,
    targets,
    refused,
    cancelled,
    bugs,
    received,
    closed: () => closed,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

describe("a caller's TCP connection", () => {
  it("becomes an exchange that tells its port, and keeps what came meanwhile", async () => {
    const { socket, far, targets, answer, received } = fixture();
    assert.deepEqual(targets, []);
    await turn();
    assert.deepEqual(targets, [":3306"]);
    socket.receive("early");
    assert.equal(far.written, "");
    answer();
    socket.receive(" late");
    assert.deepEqual([far.written, received.value], ["early late", 10]);
  });

  it("passes each half's end on, and is closed when both are over", async () => {
    const { socket, far, source, answer, closed } = fixture();
    await turn();
    const x = answer();
    socket.emit("end");
    assert.equal(far.wasEnded, true);
    source.push(Buffer.from("bye"));
    source.end();
    assert.deepEqual([socket.written, socket.wasEnded, closed()], ["bye", true, 0]);
    x.downstream?.finish(x);
    assert.equal(closed(), 0);
    socket.emit("close");
    assert.deepEqual([closed(), socket.wasReset], [1, true]);
  });

  it("leaves an endpoint the time to take the last bytes, when it is closed itself", async () => {
    const { socket, source, answer, closed, cancelled } = fixture();
    await turn();
    const x = answer();
    source.end();
    socket.emit("end");
    socket.emit("close");
    assert.deepEqual([cancelled, closed()], [[], 0]);
    socket.destroy();
    x.downstream?.finish(x);
    assert.equal(closed(), 1);
  });

  it("is reset where the exchange fails, or is broken off", async () => {
    for (const broken of [false, true]) {
      const { socket, exchanges, answer, closed } = fixture();
      await turn();
      const x = broken ? answer() : (exchanges[0] as Exchange);
      if (broken) x.broken = failures["upstream.reset"];
      else {
        x.failure = failures["connect.failed"];
        x.downstream?.respond(x);
      }
      x.downstream?.finish(x);
      assert.deepEqual([socket.wasReset, socket.written, closed()], [true, "", 1]);
    }
  });

  it("that is lost cancels its exchange", async () => {
    for (const how of ["error", "close"]) {
      const { socket, cancelled, closed } = fixture();
      await turn();
      socket.emit(how, new Error("ECONNRESET"));
      assert.deepEqual([cancelled, closed()], [["downstream.gone"], 1]);
    }
  });

  it("is reset when a caller does not take the last bytes", async () => {
    const { clock, socket, source, answer, closed } = fixture();
    await turn();
    const x = answer();
    socket.isFull = true;
    socket.emit("end");
    source.push(Buffer.from("bye"));
    source.drained();
    source.end();
    x.downstream?.finish(x);
    clock.advance(lingerMs - 1000);
    assert.equal(closed(), 0);
    clock.advance(2000);
    assert.deepEqual([socket.wasReset, closed()], [true, 1]);
  });

  it("goes on while the server drains, until it is destroyed", async () => {
    const { connection, socket, answer, closed, cancelled } = fixture();
    await turn();
    answer();
    connection.drain();
    assert.equal(closed(), 0);
    connection.destroy();
    connection.destroy();
    assert.deepEqual([socket.wasReset, closed(), cancelled], [true, 1, ["downstream.gone"]]);
  });

  it("is reset, and the defect told, where a stage throws", async () => {
    const slip = new Error("a slip");
    const { bugs, socket, closed } = fixture({
      service: () => {
        throw slip;
      },
    });
    await turn();
    assert.deepEqual([bugs, socket.wasReset, closed()], [[slip], true, 1]);
  });
});

describe("a connection that is to begin with a TLS hello", () => {
  const hello = inRecords(helloMessage({ extensions: [serverName("Users")] }), 30);
  const asText = hello.toString("latin1");

  it("waits for all of it, and passes it on untouched", () => {
    const { socket, far, targets, answer } = fixture({ readsHello: true });
    for (const letter of asText.slice(0, -1)) socket.receive(letter);
    assert.deepEqual(targets, []);
    socket.receive(asText.slice(-1));
    socket.receive("more");
    assert.deepEqual(targets, ["users:3306"]);
    answer();
    assert.equal(far.written, `${asText}more`);
  });

  it("without a name is left to the identifiers", () => {
    const { socket, targets } = fixture({ readsHello: true });
    socket.receive(inRecords(helloMessage({})).toString("latin1"));
    assert.deepEqual(targets, [":3306"]);
  });

  it("is reset where there is none, or too large a one, or only a part of one", () => {
    const cases: readonly (readonly [string, (socket: FakeSocket) => void])[] = [
      ["request.malformed", (socket) => socket.receive("SSH-2.0")],
      ["request.head_too_large", (socket) => socket.receive("\x16\x03\x01\x40\x00\x01\x01\x00\x00")],
      ["downstream.gone", (socket) => socket.emit("end")],
    ];
    for (const [code, act] of cases) {
      const { socket, refused, targets, closed } = fixture({ readsHello: true });
      act(socket);
      assert.deepEqual([refused, targets, socket.wasReset, closed()], [[code], [], true, 1]);
    }
  });

  it("is reset when it takes too long, however its bytes trickle", () => {
    const { clock, socket, refused, closed } = fixture({ readsHello: true });
    for (let second = 1; second < helloTimeoutMs / 1000; second++) {
      socket.receive(asText.charAt(second - 1));
      clock.advance(1000);
    }
    assert.equal(closed(), 0);
    clock.advance(1250);
    assert.deepEqual([refused, socket.wasReset, closed()], [["request.timeout"], true, 1]);
  });

  it("is closed at once when the server drains before it has come", () => {
    const { connection, closed, cancelled } = fixture({ readsHello: true });
    connection.drain();
    assert.deepEqual([closed(), cancelled], [1, []]);
  });
});
