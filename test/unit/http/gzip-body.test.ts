import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { createGunzip, gunzipSync } from "node:zlib";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../src/http/body.ts";
import { GzipBody } from "../../../src/http/gzip-body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";

/** A source that a test pushes by hand. */
class Pushed implements BodySource {
  readonly length = -1;
  started = false;
  drains = 0;
  #sink: BodySink | undefined;
  get sink(): BodySink {
    if (this.#sink === undefined) throw new Error("nobody has piped it");
    return this.#sink;
  }
  pipe(sink: BodySink): void {
    this.#sink = sink;
  }
  drained(): void {
    this.drains++;
  }
}

function scene() {
  const source = new Pushed();
  const sink = new CollectingSink();
  const over: string[] = [];
  const body = new GzipBody(source, 6, () => void over.push(sink.state));
  body.pipe(sink);
  const bytes = (): Buffer => Buffer.from(sink.text, "latin1");
  return { source, sink, body, over, bytes };
}

test("a body is compressed whole, with the trailers behind it, and is over when its sink has heard the end", async () => {
  const { source, sink, body, over, bytes } = scene();
  const trailers = HeaderList.of([["x-sum", "1"]]);
  source.sink.chunk(Buffer.from("one "));
  source.sink.chunk(Buffer.from("two"));
  source.sink.end(trailers);
  assert.equal(body.isOver, false);
  await eventually("the sink heard the end", () => sink.state === "ended");
  assert.equal(gunzipSync(bytes()).toString(), "one two");
  assert.equal(sink.trailers, trailers);
  assert.deepEqual(over, ["ended"]);
  assert.equal(body.length, -1);
});

test("borrowed bytes are copied: what becomes of them later is not sent", async () => {
  const { source, sink, bytes } = scene();
  const borrowed = Buffer.from("mine");
  source.sink.chunk(borrowed);
  borrowed.fill("x");
  source.sink.end();
  await eventually("the sink heard the end", () => sink.state === "ended");
  assert.equal(gunzipSync(bytes()).toString(), "mine");
});

test("what a source had at hand can be read before its end", async () => {
  const { source, sink, bytes } = scene();
  const read: string[] = [];
  const gunzip = createGunzip();
  gunzip.on("data", (data: Buffer) => read.push(data.toString()));
  source.sink.chunk(Buffer.from("event 1\n"));
  source.sink.flush();
  await eventually("the sink was told to flush", () => sink.flushes > 0);
  gunzip.write(bytes());
  await eventually("the event was read", () => read.join("") === "event 1\n");
  gunzip.destroy();
  source.sink.end();
});

test("a sink that stops stops the source, and goes on where it was", async () => {
  const { source, sink, body, bytes } = scene();
  sink.stops = true;
  const all: Buffer[] = [];
  const push = (): boolean => {
    const noise = randomBytes(64 * 1024);
    all.push(noise);
    return source.sink.chunk(noise);
  };
  let pushed = 0;
  while (push() && pushed < 100) pushed++;
  assert(pushed < 100, "the source was never told to stop");
  await eventually("something came", () => sink.chunks > 0);
  sink.stops = false;
  body.drained();
  await eventually("the source was told to go on", () => source.drains > 0);
  source.sink.end();
  await eventually("the sink heard the end", () => sink.state === "ended");
  assert.deepEqual(gunzipSync(bytes()), Buffer.concat(all));
});

test("a body that breaks off fails at once, and what was under way is not heard any more", async () => {
  const { source, sink, body, over } = scene();
  source.sink.chunk(Buffer.from("beginning"));
  source.sink.fail(failures["upstream.reset"]);
  assert.deepEqual([sink.state, sink.failure?.code, body.isOver], ["failed", "upstream.reset", true]);
  const { chunks } = sink;
  source.sink.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sink.chunks, chunks);
  assert.deepEqual(over, ["failed"]);
});

test("a body that is abandoned says nothing, and says once that it is over", async () => {
  const { source, sink, body, over } = scene();
  source.sink.chunk(Buffer.from("beginning"));
  body.abandon();
  body.abandon();
  source.sink.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sink.state, "open");
  assert.deepEqual(over, ["open"]);
});
