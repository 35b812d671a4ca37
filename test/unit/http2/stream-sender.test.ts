/** Tests of the sending half of a stream. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { Headers } from "../../../src/http/headers.ts";
import { FloodGuard } from "../../../src/http2/flood-guard.ts";
import { FrameWriter } from "../../../src/http2/frame-writer.ts";
import { Output } from "../../../src/http2/output.ts";
import { SendGate } from "../../../src/http2/send-gate.ts";
import { type SendEnd, StreamSender } from "../../../src/http2/stream-sender.ts";
import { show, Splitter } from "../../fakes/h2-frames.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

class Bench implements SendEnd {
  readonly id = 1;
  readonly heard: string[] = [];
  readonly socket = new LinkedSocket();
  readonly out = new Output(this.socket, () => undefined);
  readonly writer = new FrameWriter(this.out);
  readonly gate = new SendGate(this.writer, this.out, new FloodGuard());
  readonly sender = new StreamSender(this);
  extra: Headers | undefined;
  readonly #splitter = new Splitter();

  constructor(window = 65_535, length = -1) {
    this.sender.reset(this.gate, window);
    this.sender.open(this.writer.block(1, Buffer.from("h"), 1, false), length);
  }

  trailersFor(trailers: Headers | undefined): Headers | undefined {
    return this.extra ?? trailers;
  }
  writeTrailers(trailers: Headers): void {
    this.heard.push(`trailers ${trailers.name(0)}: ${trailers.value(0)}`);
  }
  sent(): void {
    this.heard.push("sent");
  }
  wantsMore(): void {
    this.heard.push("more");
  }
  sendBroken(failure: { readonly code: string } | undefined): void {
    this.heard.push(`broken ${failure?.code}`);
  }

  shown(): string[] {
    this.out.flush();
    return this.#splitter.add(this.socket.takeBytes(1e9)).map(show);
  }
}

describe("the sending half of a stream", () => {
  it("sends a small body and its end with the head, in one frame", () => {
    const bench = new Bench();
    assert.equal(bench.sender.chunk(Buffer.from("hello")), true);
    bench.sender.end();
    assert.deepEqual(bench.shown(), ["HEADERS 1 flags 4 (1)", "DATA 1 flags 1 (5)"]);
    assert.deepEqual(bench.heard, ["sent"]);
  });

  it("ends a stream without a body by its head, and by empty DATA where that has left", () => {
    const bench = new Bench();
    bench.sender.end();
    assert.deepEqual(bench.shown(), ["HEADERS 1 flags 5 (1)"]);
    const late = new Bench();
    late.shown();
    late.sender.end();
    assert.deepEqual(late.shown(), ["DATA 1 flags 1 (0)"]);
  });

  it("cuts a long body into frames, and keeps what the stream's window does not take", () => {
    const bench = new Bench(20_000);
    assert.equal(bench.sender.chunk(Buffer.alloc(30_000)), false);
    bench.sender.end();
    assert.deepEqual(bench.shown(), ["HEADERS 1 flags 4 (1)", "DATA 1 flags 0 (16384)", "DATA 1 flags 0 (3616)"]);
    assert.equal(bench.sender.isWaiting, true);
    assert.equal(bench.sender.isEnding, true);
    bench.sender.widen(5000);
    bench.gate.pump();
    bench.sender.widen(5000);
    bench.gate.pump();
    assert.deepEqual(bench.shown(), ["DATA 1 flags 0 (5000)", "DATA 1 flags 1 (5000)"]);
    assert.deepEqual(bench.heard, ["sent"]);
  });

  it("asks for more when all it was given has left", () => {
    const bench = new Bench(3);
    assert.equal(bench.sender.chunk(Buffer.from("abcde")), false);
    assert.deepEqual(bench.heard, []);
    bench.sender.widen(10);
    bench.gate.pump();
    assert.deepEqual(bench.heard, ["more"]);
    assert.equal(bench.sender.chunk(Buffer.from("f")), true);
  });

  it("waits for the connection's window too, and while it is negative after a change of settings", () => {
    const bench = new Bench();
    bench.gate.window = 2;
    assert.equal(bench.sender.chunk(Buffer.from("abc")), false);
    bench.gate.window = 100;
    bench.gate.pump();
    assert.deepEqual(bench.shown(), ["HEADERS 1 flags 4 (1)", "DATA 1 flags 0 (2)", "DATA 1 flags 0 (1)"]);
    bench.sender.widen(-70_000);
    assert.equal(bench.sender.chunk(Buffer.from("d")), false);
    bench.sender.widen(4000);
    bench.gate.pump();
    assert.deepEqual(bench.shown(), []);
    bench.sender.widen(70_000);
    bench.gate.pump();
    assert.deepEqual(bench.shown(), ["DATA 1 flags 0 (1)"]);
  });

  it("writes trailers as the last frame, those too that only the end of an answer tells", () => {
    const bench = new Bench();
    bench.sender.chunk(Buffer.from("x"));
    bench.sender.end(HeaderList.of([["a", "1"]]));
    assert.deepEqual(bench.heard, ["trailers a: 1", "sent"]);
    const told = new Bench();
    told.extra = HeaderList.of([["b", "2"]]);
    told.sender.end();
    assert.deepEqual(told.heard, ["trailers b: 2", "sent"]);
    const none = new Bench();
    none.extra = new HeaderList();
    none.sender.end();
    assert.deepEqual(none.heard, ["sent"]);
  });

  it("copies trailers that have to wait", () => {
    const bench = new Bench(1);
    const trailers = HeaderList.of([["a", "1"]]);
    bench.sender.chunk(Buffer.from("xy"));
    bench.sender.end(trailers);
    trailers.reset();
    bench.sender.widen(1);
    bench.gate.pump();
    assert.deepEqual(bench.heard, ["trailers a: 1", "sent"]);
  });

  it("breaks off a body that is not as long as it said", () => {
    const long = new Bench(65_535, 3);
    long.sender.chunk(Buffer.from("abcd"));
    assert.deepEqual(long.heard, ["broken undefined"]);
    const short = new Bench(65_535, 3);
    short.sender.chunk(Buffer.from("ab"));
    short.sender.end();
    assert.deepEqual(short.heard, ["broken undefined"]);
  });

  it("says that a body was broken off, once, and nothing of a stream that is closed", () => {
    const bench = new Bench();
    bench.sender.fail(failures["upstream.reset"]);
    bench.sender.fail(failures["upstream.reset"]);
    bench.sender.end();
    assert.equal(bench.sender.chunk(Buffer.from("late")), true);
    assert.deepEqual(bench.heard, ["broken upstream.reset"]);
    assert.deepEqual(bench.shown(), ["HEADERS 1 flags 4 (1)"]);
  });

  it("stops its source while the peer does not read", () => {
    const bench = new Bench();
    bench.out.isBlocked = true;
    assert.equal(bench.sender.chunk(Buffer.from("abc")), false);
    bench.out.isBlocked = false;
    bench.gate.pump();
    assert.deepEqual(bench.heard, ["more"]);
    assert.equal(bench.sender.moved, 3);
  });
});
