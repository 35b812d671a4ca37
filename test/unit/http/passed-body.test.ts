import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { PassedBody } from "../../../src/http/passed-body.ts";

class Source implements BodySource {
  readonly length = 5;
  readonly started = true;
  sink: BodySink | undefined;
  drains = 0;
  pipe(sink: BodySink): void {
    this.sink = sink;
  }
  drained(): void {
    this.drains++;
  }
}

function piped(takes: boolean): { readonly source: Source; readonly body: PassedBody; readonly heard: unknown[] } {
  const source = new Source();
  const body = new PassedBody(source);
  const heard: unknown[] = [];
  body.pipe({
    chunk: (bytes) => heard.push(Buffer.from(bytes).toString()) > 0 && takes,
    end: (trailers) => heard.push(trailers),
    fail: (failure) => heard.push(failure.code),
    flush: () => heard.push("flush"),
  });
  return { source, body, heard };
}

test("what comes goes on as it is, trailers too, and whether the sink takes more goes back", () => {
  for (const takes of [true, false]) {
    const { source, body, heard } = piped(takes);
    const trailers = new HeaderList();
    assert.equal(source.sink?.chunk(Buffer.from("hello")), takes);
    source.sink?.flush();
    source.sink?.end(trailers);
    assert.deepEqual(heard, ["hello", "flush", trailers]);
    body.drained();
    assert.equal(source.drains, 1);
  }
});

test("a body that breaks off breaks off, and is as long and as far as its source", () => {
  const { source, body, heard } = piped(true);
  source.sink?.fail(failures["upstream.reset"]);
  assert.deepEqual([heard, body.length, body.started], [["upstream.reset"], 5, true]);
});

test("before anybody takes it nothing is taken", () => {
  assert.equal(new PassedBody(new Source()).chunk(Buffer.from("x")), false);
});
