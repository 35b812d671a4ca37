import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { Classifier } from "../../../../src/http/classifier.ts";
import { type Exchange, Layout } from "../../../../src/http/exchange.ts";
import { HeaderList } from "../../../../src/http/header-list.ts";
import rules from "../../../../src/plugins/classifiers/by-rules.ts";
import { testContext } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

function of(config: object): Classifier {
  return rules.create(rules.schema.parse(config), testContext()) as Classifier;
}

function answer(method: string, target: string, status: number, headers: Record<string, string> = {}): Exchange {
  const x = exchangeOf(new Layout(), [], method);
  x.request.target = target;
  x.response.status = status;
  x.response.headers = HeaderList.of(Object.entries(headers));
  return x;
}

test("the first rule that a request and its answer match says what the answer was", () => {
  const classifier = of({
    rules: [
      { path: "/login", status: 401, as: "success" },
      { method: "GET", path: "/search", status: "500-599", as: "retryable" },
      { method: ["POST", "PUT"], status: ["409", "502-504"], as: "retryable" },
      { status: "400-499", as: "failure" },
    ],
  });
  for (const [method, target, status, expected] of [
    ["GET", "/login", 401, "success"],
    ["GET", "/search?q=a", 503, "retryable"],
    ["GET", "/searching", 503, "failure"],
    ["GET", "/", 401, "failure"],
    ["PUT", "/", 409, "retryable"],
    ["PUT", "/", 501, "failure"],
    ["POST", "/", 504, "retryable"],
    ["GET", "/", 200, "success"],
    ["GET", "/", 500, "failure"],
  ] as const) {
    assert.equal(
      classifier.classify(answer(method, target, status), "respond"),
      expected,
      `${method} ${target} ${status}`,
    );
  }
});

test("an attempt that got no answer is never a success, and is tried again only where that is said and may help", () => {
  const classifier = of({
    rules: [
      { path: "/a", as: "success" },
      { path: "/b", as: "retryable" },
    ],
  });
  for (const [target, code, expected] of [
    ["/a", "upstream.reset", "failure"],
    ["/b", "upstream.reset", "retryable"],
    ["/b", "attempt.timeout", "retryable"],
    ["/b", "connect.failed", "retryable"],
    ["/b", "name.negative", "failure"],
    ["/c", "upstream.reset", "failure"],
  ] as const) {
    const x = answer("POST", target, 0);
    x.failure = failures[code];
    assert.equal(classifier.classify(x, "respond"), expected, `${target} ${code}`);
  }
});

test("what no rule matches is judged by its status, of gRPC by its own, and is tried again as `retryable` says", () => {
  const classifier = of({ retryable: "idempotent", rules: [{ status: 599, as: "success" }] });
  assert.equal(classifier.classify(answer("GET", "/", 500), "respond"), "retryable");
  assert.equal(classifier.classify(answer("POST", "/", 500), "respond"), "failure");
  const call = answer("POST", "/", 200, { "content-type": "application/grpc" });
  assert.equal(classifier.classify(call, "respond"), undefined);
  call.trailers = HeaderList.of([["grpc-status", "14"]]);
  assert.equal(classifier.classify(call, "finish"), "failure");
});

test("an endpoint may say itself what its answer was, in a header: above 0 is a success", () => {
  const classifier = of({ successClassHeader: "L5d-Success-Class", rules: [{ status: 200, as: "failure" }] });
  const said = (value: string, status: number) =>
    classifier.classify(answer("GET", "/", status, { "l5d-success-class": value }), "respond");
  assert.equal(said("1.0", 500), "success");
  assert.equal(said("0.5", 500), "success");
  assert.equal(said("0.0", 200), "failure");
  assert.equal(said("-1", 204), "failure");
  assert.equal(said("well", 204), "success");
  assert.equal(said("well", 200), "failure");
});

test("a rule whose status is none is refused", () => {
  for (const status of ["600", "599-500", "5xx", 99, ["200", "x"]]) {
    assert.throws(() => rules.schema.parse({ rules: [{ status, as: "failure" }] }), String(status));
  }
});
