import assert from "node:assert/strict";
import { test } from "node:test";
import { failures } from "../../../../src/base/failure.ts";
import type { Classifier, ResponseClass } from "../../../../src/http/classifier.ts";
import { type Exchange, Layout } from "../../../../src/http/exchange.ts";
import { HeaderList } from "../../../../src/http/header-list.ts";
import classifiers from "../../../../src/plugins/classifiers/by-grpc-status.ts";
import { testContext } from "../../../../src/testing/index.ts";
import { exchangeOf } from "../../../fakes/router-bench.ts";

async function of(kind: string, config: object = {}): Promise<Classifier> {
  const plugin = classifiers.find((each) => each.kind === kind);
  assert.ok(plugin, kind);
  // Each plugin's own schema makes what it is given.
  return plugin.create(plugin.schema.parse(config) as never, testContext());
}
const grpc = (kind: string, config?: object): Promise<Classifier> => of(`io.l5d.h2.grpc.${kind}`, config);

interface Answer {
  readonly http?: number;
  readonly head?: string;
  readonly trailers?: string;
  readonly type?: string;
}

function answered({ http = 200, head, trailers, type = "application/grpc" }: Answer): Exchange {
  const x = exchangeOf(new Layout(), [], "POST");
  x.response.status = http;
  x.response.headers = HeaderList.of([["content-type", type]]);
  if (head !== undefined) x.response.headers.append("grpc-status", head);
  if (trailers !== undefined) x.trailers = HeaderList.of([["grpc-status", trailers]]);
  return x;
}

type Class = ResponseClass | undefined;
const atHead = (by: Classifier, answer: Answer): Class => by.classify(answered(answer), "respond");
const atEnd = (by: Classifier, answer: Answer): Class => by.classify(answered(answer), "finish");

test("each kind retries the statuses that it names, wherever the status stands", async () => {
  const table: readonly (readonly [kind: string, config: object, retried: readonly number[]])[] = [
    ["default", {}, [14]],
    ["compliant", {}, [14]],
    ["neverRetryable", {}, []],
    ["alwaysRetryable", {}, Array.from({ length: 16 }, (_, at) => at + 1)],
    ["retryableStatusCodes", { retryableStatusCodes: [8, 99] }, [8]],
  ];
  for (const [kind, config, retried] of table) {
    const by = await grpc(kind, config);
    for (let status = 0; status <= 16; status++) {
      const expected = status === 0 ? "success" : retried.includes(status) ? "retryable" : "failure";
      assert.equal(atHead(by, { head: `${status}` }), expected, `${kind} ${status} in the head`);
      assert.equal(atEnd(by, { trailers: `${status}` }), expected, `${kind} ${status} in the trailers`);
    }
  }
});

test("an answer of 200 without a status in its head is not judged before its end, and is a failure if it has none there", async () => {
  const by = await grpc("default");
  assert.equal(atHead(by, {}), undefined);
  assert.equal(atEnd(by, {}), "failure");
});

test("a status that is no number is UNKNOWN in the head, and none in the trailers", async () => {
  const by = await grpc("default", { successStatusCodes: [0, 2] });
  assert.equal(atHead(by, { head: "ok" }), "success");
  assert.equal(atEnd(by, { trailers: "ok" }), "failure");
});

test("success codes replace 0, and are looked at before the retryable ones", async () => {
  const by = await grpc("default", { successStatusCodes: [14] });
  assert.equal(atHead(by, { head: "14" }), "success");
  assert.equal(atHead(by, { head: "0" }), "failure");
});

test("an HTTP error without a gRPC status is a failure at once; compliant retries four of them", async () => {
  const standard = await grpc("alwaysRetryable");
  const compliant = await grpc("compliant");
  for (const [http, expected] of [
    [429, "retryable"],
    [502, "retryable"],
    [503, "retryable"],
    [504, "retryable"],
    [404, "failure"],
    [500, "failure"],
  ] as const) {
    assert.equal(atHead(standard, { http }), "failure", `${http}`);
    assert.equal(atHead(compliant, { http }), expected, `${http}`);
  }
});

test("no answer at all is a failure; compliant retries a stream that was refused", async () => {
  const compliant = await grpc("compliant");
  const standard = await grpc("default");
  for (const code of ["upstream.refused", "upstream.reset", "attempt.timeout"] as const) {
    const x = answered({});
    x.failure = failures[code];
    assert.equal(compliant.classify(x, "respond"), code === "upstream.refused" ? "retryable" : "failure");
    assert.equal(standard.classify(x, "respond"), "failure");
  }
});

test("an answer that was broken off is a failure, whatever its trailers say", async () => {
  const x = answered({ trailers: "0" });
  x.broken = failures["upstream.reset"];
  assert.equal((await grpc("default")).classify(x, "finish"), "failure");
});

test("linkspan.status takes the gRPC status of gRPC answers and the HTTP status of others", async () => {
  const by = await of("linkspan.status");
  assert.equal(atHead(by, { type: "text/plain", http: 503 }), "failure");
  assert.equal(atHead(by, { type: "text/plain" }), undefined);
  assert.equal(atEnd(by, { type: "text/plain" }), "success");
  assert.equal(atEnd(by, { trailers: "0" }), "success");
  // What speaks of the request is no fault of the server's.
  assert.deepEqual(
    [1, 3, 5, 6, 7, 9, 12, 16].map((status) => atEnd(by, { trailers: `${status}` })),
    Array.from({ length: 8 }, () => "success"),
  );
  assert.deepEqual(
    [2, 4, 8, 13, 14, 15].map((status) => atEnd(by, { trailers: `${status}` })),
    Array.from({ length: 6 }, () => "failure"),
  );
  const all = await of("linkspan.status", { retryable: "all" });
  assert.deepEqual([atHead(all, { head: "14" }), atHead(all, { head: "13" })], ["retryable", "failure"]);
  assert.equal(atHead(all, { type: "text/plain", http: 500 }), "retryable");
  const idempotent = await of("linkspan.status", { retryable: "idempotent" });
  assert.deepEqual(
    [atHead(idempotent, { head: "14" }), atHead(idempotent, { type: "x/y", http: 500 })],
    ["failure", "failure"],
  );
});
