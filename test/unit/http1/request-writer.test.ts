/** Tests of the writing of requests to a socket. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Failure, failures } from "../../../src/base/failure.ts";
import { type BodySink, type BodySource, noBody } from "../../../src/http/body.ts";
import { Exchange, Layout } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { RequestWriter } from "../../../src/http1/request-writer.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

class Source implements BodySource {
  readonly started = false;
  readonly length: number;
  sink: BodySink | undefined;
  constructor(length: number) {
    this.length = length;
  }
  pipe(sink: BodySink): void {
    this.sink = sink;
  }
  drained(): void {
    // The test goes on by itself.
  }
}

function send(body: BodySource): { writer: RequestWriter; socket: FakeSocket; broken: (Failure | undefined)[] } {
  const socket = new FakeSocket();
  const broken: (Failure | undefined)[] = [];
  const writer = new RequestWriter(socket, {
    requestBroken: (failure) => broken.push(failure),
    tunnelSent: () => undefined,
  });
  const headers = HeaderList.of([["Host", "a"]]);
  const x = new Exchange(
    { version: 11, method: "POST", target: "/", headers },
    { version: 11, status: 0, reason: "", headers: new HeaderList() },
    new Layout(),
  );
  x.requestBody = body;
  writer.send(x);
  return { writer, socket, broken };
}

describe("a request", () => {
  it("without a body leaves in one write, and is whole", () => {
    const { writer, socket } = send(noBody);
    assert.equal(socket.written, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(socket.writes, 1);
    assert.equal(writer.hasEnded, true);
  });

  it("sends its head though the body is still to come", () => {
    const source = new Source(5);
    const { writer, socket } = send(source);
    source.sink?.flush();
    assert.equal(socket.written, "POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\n");
    source.sink?.chunk(Buffer.from("hello"));
    source.sink?.end();
    assert.match(socket.written, /\r\n\r\nhello$/);
    assert.equal(writer.hasEnded, true);
  });

  it("is chunked where the body's length is not known", () => {
    const source = new Source(-1);
    const { socket } = send(source);
    source.sink?.chunk(Buffer.from("hello"));
    source.sink?.flush();
    source.sink?.end(HeaderList.of([["X", "1"]]));
    assert.match(socket.written, /\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n$/);
  });

  it("is broken where the body fails, or is not as long as it said", () => {
    const failing = new Source(5);
    const first = send(failing);
    failing.sink?.fail(failures["request.timeout"]);
    assert.deepEqual(first.broken, [failures["request.timeout"]]);
    for (const bytes of ["hell", "helloo"]) {
      const source = new Source(5);
      const { broken, socket } = send(source);
      source.sink?.chunk(Buffer.from(bytes));
      source.sink?.end();
      assert.deepEqual(broken, [undefined]);
      assert.doesNotMatch(socket.written, /hello/);
    }
  });

  it("that was stopped takes no more bytes", () => {
    const source = new Source(5);
    const { writer, socket, broken } = send(source);
    writer.stop();
    assert.equal(source.sink?.chunk(Buffer.from("hello")), true);
    source.sink?.end();
    source.sink?.fail(failures.internal);
    assert.doesNotMatch(socket.written, /hello/);
    assert.deepEqual(broken, []);
  });

  it("stops its source while the socket is full, and says when it was", () => {
    const source = new Source(10);
    const { writer, socket } = send(source);
    socket.isFull = true;
    source.sink?.chunk(Buffer.from("12345"));
    source.sink?.flush();
    assert.equal(source.sink?.chunk(Buffer.from("67890")), false);
    assert.equal(writer.unblock(), true);
    assert.equal(writer.unblock(), false);
  });
});
