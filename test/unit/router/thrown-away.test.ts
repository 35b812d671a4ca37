import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { BodySink, BodySource } from "../../../src/http/body.ts";
import { Layout } from "../../../src/http/exchange.ts";
import { ThrownAway } from "../../../src/router/thrown-away.ts";
import { FakeClock, turn } from "../../../src/testing/index.ts";
import { plainExchange } from "../../fakes/plain-exchange.ts";

function bench() {
  const clock = new FakeClock();
  const x = plainExchange(new Layout());
  const cancelled: string[] = [];
  let ended = 0;
  const away = new ThrownAway(x, clock, () => void ended++);
  x.holder = { cancel: (_, failure) => void cancelled.push(failure.code), abandon: () => undefined };
  away.start();
  return { clock, x, away, cancelled, ended: () => ended };
}

/** An answer's body that a test delivers. */
function answered({ x, away }: ReturnType<typeof bench>): BodySink {
  let sink: BodySink | undefined;
  const body: BodySource = { length: -1, started: false, drained: () => undefined, pipe: (into) => void (sink = into) };
  x.responseBody = body;
  away.respond(x);
  assert.ok(sink);
  return sink;
}

test("an answer that nobody wants is taken to its end, and then it is over", () => {
  const b = bench();
  const sink = answered(b);
  assert.equal(sink.chunk(Buffer.alloc(1000)), true);
  sink.end();
  b.away.finish();
  assert.deepEqual([b.ended(), b.clock.waiting, b.cancelled], [1, 0, []]);
});

test("an answer of more than a mebibyte is broken off, once", async () => {
  const b = bench();
  const sink = answered(b);
  for (let n = 0; n < 1030; n++) sink.chunk(Buffer.alloc(1024));
  await turn();
  assert.deepEqual(b.cancelled, ["downstream.gone"]);
});

test("what takes longer than 30 s is ended, and a failure has no body to take", () => {
  const b = bench();
  b.clock.advance(30_000);
  assert.deepEqual(b.cancelled, ["total.timeout"]);
  b.x.failure = failures["total.timeout"];
  b.away.respond(b.x);
  b.away.finish();
  assert.equal(b.ended(), 1);
});
