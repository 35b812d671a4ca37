import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { BodySink } from "../../../src/http/body.ts";
import { ByteSource } from "../../../src/tcp/byte-source.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

/** Takes `room` chunks, then says "stop", until it is given more. */
class SlowSink implements BodySink {
  got = "";
  ended = 0;
  room = Infinity;
  chunk(bytes: Uint8Array): boolean {
    assert.equal(this.ended, 0);
    assert.ok(this.room > 0, "a chunk came after stop");
    this.got += Buffer.from(bytes).toString("latin1");
    return --this.room > 0;
  }
  end(): void {
    this.ended++;
  }
  fail(): void {
    assert.fail("nothing failed");
  }
  flush(): void {
    // Nothing was gathered.
  }
}

function fixture() {
  const socket = new FakeSocket();
  let delivered = 0;
  const source = new ByteSource(socket, () => delivered++);
  const push = (text: string): void => source.push(Buffer.from(text));
  return { socket, source, sink: new SlowSink(), push, delivered: () => delivered };
}

describe("the bytes of one side", () => {
  it("are held until somebody takes them, and then go to him at once", () => {
    const { source, sink, push, delivered } = fixture();
    push("ab");
    assert.deepEqual([source.started, source.hasSome, source.length], [false, true, -1]);
    source.end();
    source.pipe(sink);
    assert.deepEqual([source.started, sink.got, sink.ended, source.hasEnded, delivered()], [true, "ab", 1, true, 1]);
  });

  it("are not read on past 16 KiB that nobody takes", () => {
    const { socket, source, sink, push } = fixture();
    push("x".repeat(16 * 1024 - 1));
    assert.equal(socket.paused, 0);
    push("y");
    assert.equal(socket.paused, 1);
    source.pipe(sink);
    assert.deepEqual([socket.resumed, sink.got.length], [1, 16 * 1024]);
  });

  it("are copied where they must wait: their memory is borrowed", () => {
    const { source, sink } = fixture();
    const memory = Buffer.from("abc");
    source.push(memory);
    memory.fill("x");
    source.pipe(sink);
    assert.equal(sink.got, "abc");
  });

  it("wait with their end for who takes them slowly", () => {
    const { socket, source, sink, push, delivered } = fixture();
    sink.room = 1;
    source.pipe(sink);
    push("a");
    push("b");
    source.end();
    assert.deepEqual([sink.got, sink.ended, source.isOver, source.hasEnded, socket.paused], ["a", 0, true, false, 1]);
    sink.room = 2;
    source.drained();
    assert.deepEqual([sink.got, sink.ended, delivered()], ["ab", 1, 1]);
  });

  it("end for nobody once they are released", () => {
    const { source, sink, push } = fixture();
    source.pipe(sink);
    assert.equal(source.release(), sink);
    push("a");
    source.end();
    assert.deepEqual([sink.got, sink.ended, source.release()], ["", 0, undefined]);
  });

  it("arrive whole and in order, however reading and taking are interleaved", () => {
    const step = fc.constantFrom("push", "drain", "pipe", "end");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, room) => {
        const { source, sink, push } = fixture();
        let sent = "";
        for (const [at, each] of [...steps, "pipe", "end"].entries()) {
          if (each === "push" && !source.isOver) {
            sent += String.fromCharCode(97 + (at % 26));
            push(sent.slice(-1));
          } else if (each === "pipe" && !source.started) {
            sink.room = room;
            source.pipe(sink);
          } else if (each === "end" && !source.isOver) source.end();
          else if (each === "drain" && source.started) {
            sink.room = room;
            source.drained();
          }
        }
        for (let left = steps.length; left > 0; left--) {
          sink.room = room;
          source.drained();
        }
        assert.deepEqual([sink.got, sink.ended], [sent, 1]);
      }),
    );
  });
});
