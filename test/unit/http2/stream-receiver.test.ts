/** Tests of the receiving half of a stream. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import { FrameWriter } from "../../../src/http2/frame-writer.ts";
import { Intake } from "../../../src/http2/intake.ts";
import { Output } from "../../../src/http2/output.ts";
import { StreamReceiver } from "../../../src/http2/stream-receiver.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";
import { show, Splitter } from "../../fakes/h2-frames.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

class Bench {
  readonly id = 1;
  receivedAll = 0;
  readonly socket = new LinkedSocket();
  readonly out = new Output(this.socket, () => undefined);
  readonly intake = new Intake(new FrameWriter(this.out), 100, 0.5);
  readonly receiver = new StreamReceiver(this);
  readonly sink = new CollectingSink();
  readonly #splitter = new Splitter();

  constructor(length = -1) {
    this.receiver.reset(this.intake, 40, 20);
    this.receiver.expect(length);
  }

  received(): void {
    this.receivedAll++;
  }

  /** A frame of `text` comes; whether it may. */
  take(text: string): boolean {
    const bytes = Buffer.from(text);
    const isGood = this.receiver.took(bytes.length) && this.receiver.content(bytes, 0, bytes.length);
    bytes.fill(0xee);
    return isGood;
  }

  shown(): string[] {
    this.out.flush();
    return this.#splitter
      .add(this.socket.takeBytes(1e9))
      .map((frame) => `${show(frame)} ${frame.payload.readInt32BE(0)}`);
  }
}

describe("the receiving half of a stream", () => {
  it("hands on what comes, and opens its window when half of it was used", () => {
    const bench = new Bench();
    bench.receiver.pipe(bench.sink);
    assert.ok(bench.take("a".repeat(19)));
    assert.deepEqual(bench.shown(), []);
    assert.ok(bench.take("b"));
    assert.deepEqual(bench.shown(), ["WINDOW_UPDATE 1 flags 0 (4) 20"]);
    assert.equal(bench.receiver.window, 40);
    assert.ok(bench.receiver.end(undefined));
    assert.equal(bench.sink.state, "ended");
    assert.equal(bench.receivedAll, 1);
  });

  it("holds what comes before anybody wants it, and opens no window for it", () => {
    const bench = new Bench();
    assert.ok(bench.take("c".repeat(30)));
    assert.equal(bench.receiver.isStalled, true);
    assert.equal(bench.receiver.started, false);
    assert.deepEqual(bench.shown(), []);
    bench.receiver.pipe(bench.sink);
    assert.equal(bench.sink.text, "c".repeat(30));
    assert.equal(bench.receiver.started, true);
    assert.deepEqual(bench.shown(), ["WINDOW_UPDATE 1 flags 0 (4) 30"]);
  });

  it("opens no window for what the sink still holds", () => {
    const bench = new Bench();
    bench.receiver.pipe(bench.sink);
    bench.sink.stops = true;
    assert.ok(bench.take("d".repeat(25)));
    assert.ok(bench.take("e".repeat(15)));
    assert.equal(bench.sink.text.length, 25);
    assert.deepEqual(bench.shown(), []);
    assert.equal(bench.take("f"), false, "the window is used up");
    bench.sink.stops = false;
    bench.receiver.drained();
    assert.deepEqual(bench.shown(), ["WINDOW_UPDATE 1 flags 0 (4) 25"]);
    assert.equal(bench.sink.text.length, 40);
  });

  it("ends when the sink has taken the rest, with the trailers", () => {
    const bench = new Bench();
    const trailers = new HeaderList();
    bench.receiver.pipe(bench.sink);
    bench.sink.stops = true;
    bench.take("g");
    bench.take("h");
    bench.receiver.end(trailers);
    assert.equal(bench.sink.state, "open");
    bench.sink.stops = false;
    bench.receiver.drained();
    assert.equal(bench.sink.text, "gh");
    assert.equal(bench.sink.trailers, trailers);
    assert.deepEqual(bench.shown(), [], "nobody sends any more");
  });

  it("checks the length that the head said", () => {
    const long = new Bench(3);
    long.receiver.pipe(long.sink);
    assert.ok(long.take("abc"));
    assert.equal(long.take("d"), false);
    const short = new Bench(3);
    short.receiver.pipe(short.sink);
    short.take("ab");
    assert.equal(short.receiver.end(undefined), false);
    assert.equal(short.sink.state, "open");
  });

  it("gives the connection's window back for what nobody wants any more", () => {
    const bench = new Bench();
    bench.receiver.pipe(bench.sink);
    bench.sink.stops = true;
    bench.take("i".repeat(20));
    bench.take("j".repeat(20));
    assert.equal(bench.receiver.release(), bench.sink);
    assert.equal(bench.receiver.window, 0);
    bench.receiver.window = 100;
    bench.take("k".repeat(10));
    assert.deepEqual(bench.shown(), ["WINDOW_UPDATE 0 flags 0 (4) 50"]);
    assert.equal(bench.sink.text.length, 20);
  });

  it("tells its sink that nothing more is at hand, once everything that came was looked at", () => {
    const bench = new Bench();
    bench.receiver.pipe(bench.sink);
    const before = bench.sink.flushes;
    bench.intake.isReading = true;
    bench.take("l");
    bench.take("m");
    assert.equal(bench.sink.flushes, before);
    bench.intake.isReading = false;
    bench.intake.settle();
    assert.equal(bench.sink.flushes, before + 1);
  });

  it("counts padding as used", () => {
    const bench = new Bench();
    bench.receiver.took(25);
    bench.receiver.skip(25);
    assert.deepEqual(bench.shown(), ["WINDOW_UPDATE 1 flags 0 (4) 25"]);
  });

  it("gives back for padding no more than the padding, while a sink holds what it was lent", () => {
    const bench = new Bench();
    bench.sink.stops = true;
    bench.receiver.pipe(bench.sink);
    assert.ok(bench.take("a".repeat(18)));
    bench.receiver.took(4);
    bench.receiver.skip(4);
    assert.deepEqual(bench.shown(), []);
    bench.receiver.drained();
    assert.deepEqual(bench.shown(), ["WINDOW_UPDATE 1 flags 0 (4) 22"]);
  });
});
