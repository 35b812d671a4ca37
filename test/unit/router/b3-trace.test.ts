import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../../../src/http/exchange.ts";
import { B3Trace } from "../../../src/router/b3-trace.ts";
import { seededRandom } from "../../../src/testing/index.ts";
import { exchangeOf } from "../../fakes/router-bench.ts";

const NAMES = ["x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags"] as const;

function passed(fields: readonly (readonly [string, string])[], rate?: number, honours = true) {
  const trace = new B3Trace(seededRandom(3), () => honours);
  const x = exchangeOf(new Layout(), fields);
  trace.next(x);
  if (rate !== undefined) trace.sample(rate);
  trace.write(x);
  const { headers } = x.request;
  return Object.fromEntries(NAMES.map((name) => [name, headers.get(name)]));
}

test("a new root has a trace, a parent and a span, and nothing is said of sampling", () => {
  const out = passed([]);
  const ids = [out["x-b3-traceid"], out["x-b3-spanid"], out["x-b3-parentspanid"]];
  assert(ids.every((id) => /^[0-9a-f]{16}$/.test(id ?? "")));
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual([out["x-b3-sampled"], out["x-b3-flags"]], [undefined, undefined]);
});

test("a trace that came goes on by a child of a child, with what was decided of it", () => {
  const out = passed([
    ["X-B3-TraceId", "ABCDEF0123456789ABCDEF0123456789"],
    ["X-B3-SpanId", "1111111111111111"],
    ["X-B3-ParentSpanId", "2222222222222222"],
    ["X-B3-Sampled", "true"],
    ["X-B3-Flags", "1"],
  ]);
  assert.equal(out["x-b3-traceid"], "abcdef0123456789abcdef0123456789");
  assert(!["1111111111111111", "2222222222222222"].includes(out["x-b3-spanid"] ?? ""));
  assert(!["1111111111111111", "2222222222222222"].includes(out["x-b3-parentspanid"] ?? ""));
  assert.deepEqual([out["x-b3-sampled"], out["x-b3-flags"]], ["1", "1"]);
});

test("what is of no form, or of a caller that may not say it, is as if it had not come", () => {
  const short = passed([
    ["x-b3-traceid", "abc"],
    ["x-b3-sampled", "1"],
  ]);
  assert.match(short["x-b3-traceid"] ?? "", /^[0-9a-f]{16}$/);
  assert.equal(short["x-b3-sampled"], undefined);
  const untrusted = passed([["x-b3-traceid", "abcdef0123456789"]], undefined, false);
  assert.notEqual(untrusted["x-b3-traceid"], "abcdef0123456789");
});

test("a rate decides by the trace's id, whatever came in", () => {
  const fields = [
    ["x-b3-traceid", "0000000000000064"],
    ["x-b3-sampled", "0"],
  ] as const;
  assert.equal(passed(fields, 0.0101)["x-b3-sampled"], "1");
  assert.equal(passed(fields, 0.01)["x-b3-sampled"], "0");
});
