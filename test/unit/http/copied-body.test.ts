import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../src/http/body.ts";
import { CopiedBody } from "../../../src/http/copied-body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";

/** A body that a test delivers. */
class Delivered implements BodySource {
  readonly length = -1;
  started = false;
  sink: BodySink | undefined;
  drains = 0;
  rewinds = 0;
  pipe(sink: BodySink): void {
    this.sink = sink;
  }
  drained(): void {
    this.drains++;
  }
  rewind(): void {
    this.rewinds++;
  }
}

function bench(limit = 10) {
  const source = new Delivered();
  const told: string[] = [];
  const body = new CopiedBody(source, limit, {
    copied: (bytes) => void told.push(Buffer.from(bytes).toString()),
    notCopied: () => void told.push("none"),
  });
  return { source, told, body, sink: new CollectingSink() };
}

test("a body goes on as it comes, and its copy is there when it has ended", () => {
  const { source, told, body, sink } = bench();
  body.pipe(sink);
  const bytes = Buffer.from("one");
  source.sink?.chunk(bytes);
  // What was lent is used for something else.
  bytes.fill(0);
  source.sink?.chunk(Buffer.from("two"));
  assert.deepEqual(told, []);
  source.sink?.end();
  assert.deepEqual(told, ["onetwo"]);
});

test("a body that is too large, has trailers or breaks off goes on all the same, and is not copied", () => {
  for (const end of ["large", "trailers", "broken"]) {
    const { source, told, body, sink } = bench(4);
    body.pipe(sink);
    source.sink?.chunk(Buffer.from(end === "large" ? "fivefive" : "four"));
    if (end === "broken") source.sink?.fail(failures["upstream.reset"]);
    else source.sink?.end(end === "trailers" ? HeaderList.of([["a", "b"]]) : undefined);
    assert.deepEqual(told, ["none"], end);
  }
});

test("the copy of a body that is sent again is that of the attempt that took it to its end", () => {
  const { source, told, body, sink } = bench();
  body.pipe(new CollectingSink());
  source.sink?.chunk(Buffer.from("half"));
  body.rewind();
  assert.equal(source.rewinds, 1);
  body.pipe(sink);
  source.sink?.chunk(Buffer.from("whole"));
  source.sink?.end();
  assert.deepEqual(told, ["whole"]);
});

test("a sink that says stop is heard, and one that has drained is too", () => {
  const { source, body } = bench();
  const slow: BodySink = { chunk: () => false, end: () => undefined, fail: () => undefined, flush: () => undefined };
  body.pipe(slow);
  assert.equal(source.sink?.chunk(Buffer.from("a")), false);
  body.drained();
  assert.equal(source.drains, 1);
});

test("who gives the copy up hears that there is none, once", () => {
  const { source, told, body, sink } = bench();
  body.pipe(sink);
  body.giveUp();
  body.giveUp();
  source.sink?.end();
  assert.deepEqual(told, ["none"]);
});
