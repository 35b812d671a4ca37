import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { Classifier } from "../../../../src/http/classifier.ts";
import { Layout } from "../../../../src/http/exchange.ts";
import classifiers from "../../../../src/plugins/classifiers/by-status.ts";
import { testContext } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

async function of(kind: string, protocol = "http"): Promise<Classifier> {
  const plugin = classifiers.find((each) => each.kind === `io.l5d.${protocol}.${kind}`);
  assert.ok(plugin, kind);
  return plugin.create(plugin.schema.parse({}), testContext());
}

const methods = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "POST", "PATCH", "CONNECT"];

test("each kind retries a 5xx of the methods that it names, and of no other", async () => {
  for (const [kind, retried] of [
    ["nonRetryable5XX", 0],
    ["retryableRead5XX", 4],
    ["retryableIdempotent5XX", 6],
    ["retryableAll5XX", 8],
  ] as const) {
    const classifier = await of(kind);
    methods.forEach((method, at) => {
      const x = exchangeOf(new Layout(), [], method);
      x.response.status = 500;
      const expected = at < retried ? "retryable" : "failure";
      assert.equal(classifier.classify(x, "respond"), expected, `${kind} ${method}`);
      x.response.status = 429;
      assert.equal(classifier.classify(x, "respond"), "success");
    });
  }
});

test("an attempt that was cut, came too late or found no connection is retryable like a 5xx; a dead end is not", async () => {
  const reads = await of("retryableRead5XX");
  const x = exchangeOf(new Layout(), []);
  for (const [code, expected] of [
    ["upstream.reset", "retryable"],
    ["attempt.timeout", "retryable"],
    ["upstream.malformed", "retryable"],
    ["connect.failed", "retryable"],
    ["connect.timeout", "retryable"],
    ["upstream.refused", "failure"],
    ["cluster.overloaded", "failure"],
    ["name.negative", "failure"],
  ] as const) {
    x.failure = failures[code];
    assert.equal(reads.classify(x, "respond"), expected, code);
  }
  // Who has waited long for a connection to be free is not sent to wait again.
  x.failure = { ...failures["connect.timeout"], flags: new Set(["timeout"]) };
  assert.equal(reads.classify(x, "respond"), "failure");
});

test("allSuccessful calls every answer a success, and every failure a failure", async () => {
  const all = await of("allSuccessful");
  const x = exchangeOf(new Layout(), []);
  x.response.status = 503;
  assert.equal(all.classify(x, "respond"), "success");
  x.failure = failures["upstream.reset"];
  assert.equal(all.classify(x, "respond"), "failure");
});

test("on h2 what is no failure yet is judged at its end, where a stream that was reset half way fails", async () => {
  for (const kind of [
    "nonRetryable5XX",
    "retryableRead5XX",
    "retryableIdempotent5XX",
    "retryableAll5XX",
    "allSuccessful",
  ]) {
    const classifier = await of(kind, "h2");
    const x = exchangeOf(new Layout(), []);
    x.response.status = 204;
    assert.equal(classifier.classify(x, "respond"), undefined, kind);
    assert.equal(classifier.classify(x, "finish"), "success", kind);
    x.broken = failures["upstream.reset"];
    assert.equal(classifier.classify(x, "finish"), "failure", kind);
  }
  const reads = await of("retryableRead5XX", "h2");
  const x = exchangeOf(new Layout(), []);
  x.response.status = 500;
  assert.equal(reads.classify(x, "respond"), "retryable");
});

test("the kinds of http and of h2 are for routers of that protocol alone", () => {
  assert.equal(classifiers.length, 10);
  for (const { kind, protocols } of classifiers) assert.deepEqual(protocols, [kind.split(".")[2]]);
});
