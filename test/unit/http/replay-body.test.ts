import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { Headers } from "../../../src/http/headers.ts";
import { ReplayBody } from "../../../src/http/replay-body.ts";

/** A source that a test drives; it says nothing while it was told to stop. */
class Source implements BodySource {
  readonly length = -1;
  readonly started = false;
  isStopped = false;
  rewinds = 0;
  #sink: BodySink | undefined;
  pipe(sink: BodySink): void {
    this.#sink = sink;
  }
  drained(): void {
    this.isStopped = false;
  }
  rewind(): void {
    this.rewinds++;
  }
  send(text: string): void {
    assert.ok(!this.isStopped, "a source that was told to stop went on");
    const bytes = Buffer.from(text, "latin1");
    this.isStopped = this.#sink?.chunk(bytes) === false;
    // Borrowed: whoever kept it without a copy sees rubbish now.
    bytes.fill(0);
  }
  end(trailers?: Headers): void {
    this.#sink?.end(trailers);
  }
  fail(): void {
    this.#sink?.fail(failures["downstream.gone"]);
  }
}

class Sink implements BodySink {
  text = "";
  ended: Headers | "bare" | undefined;
  failed = false;
  takes = true;
  chunk(bytes: Uint8Array): boolean {
    assert.equal(this.ended, undefined);
    this.text += Buffer.from(bytes).toString("latin1");
    return this.takes;
  }
  end(trailers?: Headers): void {
    assert.equal(this.ended, undefined);
    this.ended = trailers ?? "bare";
  }
  fail(): void {
    this.failed = true;
  }
  flush(): void {
    // Nothing is gathered here.
  }
}

function open(limit = 10): { source: Source; body: ReplayBody } {
  const source = new Source();
  return { source, body: new ReplayBody(source, limit) };
}

describe("a body that can be sent again", () => {
  it("gives a later attempt what an earlier one had, and then what follows, to the end", () => {
    const { source, body } = open();
    const first = new Sink();
    body.pipe(first);
    source.send("abc");
    assert.equal(body.started, false);
    body.rewind();
    const second = new Sink();
    body.pipe(second);
    source.send("def");
    source.end(HeaderList.of([["x-t", "1"]]));
    assert.deepEqual([first.text, second.text], ["abc", "abcdef"]);
    body.rewind();
    const third = new Sink();
    body.pipe(third);
    assert.equal(third.text, "abcdef");
    assert.equal(third.ended instanceof HeaderList && third.ended.get("x-t"), "1");
  });

  it("has begun once it was longer than what is kept", () => {
    const { source, body } = open(5);
    const sink = new Sink();
    body.pipe(sink);
    source.send("abcde");
    assert.equal(body.started, false);
    source.send("f");
    assert.equal(body.started, true);
    source.send("g");
    source.end();
    assert.deepEqual([sink.text, sink.ended], ["abcdefg", "bare"]);
  });

  it("stops its source between two attempts, and loses nothing", () => {
    const { source, body } = open(5);
    body.pipe(new Sink());
    source.send("abc");
    body.rewind();
    source.send("defgh");
    assert.equal(source.isStopped, true);
    const next = new Sink();
    body.pipe(next);
    assert.equal(next.text, "abcdefgh");
    assert.equal(source.isStopped, false);
    assert.equal(body.started, true);
  });

  it("tells a later attempt how its source ended between the two", () => {
    for (const how of ["end", "fail"] as const) {
      const { source, body } = open();
      body.pipe(new Sink());
      source.send("abc");
      body.rewind();
      source[how]();
      const next = new Sink();
      body.pipe(next);
      assert.deepEqual(
        [next.text, next.ended, next.failed],
        ["abc", how === "end" ? "bare" : undefined, how === "fail"],
      );
    }
  });

  it("keeps nothing once no attempt will follow", () => {
    const { source, body } = open();
    const sink = new Sink();
    body.pipe(sink);
    source.send("abc");
    body.commit();
    assert.equal(body.started, true);
    source.send("def");
    source.end();
    assert.equal(sink.text, "abcdef");
  });

  it("passes the word of a sink that takes no more, and that it does again", () => {
    const { source, body } = open();
    const sink = new Sink();
    sink.takes = false;
    body.pipe(sink);
    source.send("abc");
    assert.equal(source.isStopped, true);
    body.drained();
    assert.equal(source.isStopped, false);
  });

  it("lets its source know when an attempt ended that had not asked for it", () => {
    const { source, body } = open();
    body.rewind();
    assert.equal(source.rewinds, 1);
  });

  it("lets an attempt follow in the middle of a chunk that ended the one before", () => {
    const { source, body } = open();
    const second = new Sink();
    const first = new Sink();
    first.chunk = () => {
      body.rewind();
      body.pipe(second);
      return false;
    };
    body.pipe(first);
    source.send("abc");
    assert.equal(source.isStopped, false);
    source.send("def");
    source.end();
    assert.deepEqual([second.text, second.ended], ["abcdef", "bare"]);
  });

  it("gives the last attempt the whole body, wherever the others ended", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 6, unit: "binary-ascii" }) },
      { weight: 1, arbitrary: fc.constantFrom<"again" | "block">("again", "block") },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(20), (steps, limit) => {
        const { source, body } = open(limit);
        let sink = new Sink();
        let whole = "";
        body.pipe(sink);
        for (const each of steps) {
          if (each === "block") sink.takes = !sink.takes;
          else if (each !== "again") {
            if (source.isStopped) body.drained();
            source.send(each);
            whole += each;
          } else if (!body.started) {
            body.rewind();
            sink = new Sink();
            body.pipe(sink);
          }
        }
        source.end();
        assert.deepEqual([sink.text, sink.ended], [whole, "bare"]);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
