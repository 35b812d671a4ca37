import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asRetryable, failure, type FailureCode, failures } from "../../../src/base/failure.ts";

/** As the specification's table has it: status, gRPC status, flags. */
const table: Record<FailureCode, [number, number | undefined, ...string[]]> = {
  "request.malformed": [400, undefined],
  "request.line_too_large": [414, undefined],
  "request.head_too_large": [431, undefined],
  "request.body_too_large": [413, undefined],
  "request.timeout": [408, undefined, "timeout"],
  "request.version": [505, undefined],
  "request.unidentified": [400, 3],
  "request.loop": [400, 3],
  "request.rate_limited": [429, 8, "rejected"],
  "name.negative": [502, 14, "naming"],
  "name.failed": [502, 14, "naming"],
  "name.unavailable": [503, 14, "naming", "retryable"],
  "name.timeout": [503, 14, "naming", "timeout"],
  "server.overloaded": [503, 8, "rejected", "retryable"],
  "cluster.empty": [503, 14, "retryable"],
  "cluster.overloaded": [503, 8, "rejected", "retryable"],
  "connect.failed": [502, 14, "retryable"],
  "connect.timeout": [504, 14, "retryable", "timeout"],
  "tls.failed": [502, 14, "retryable"],
  "upstream.refused": [503, 14, "rejected", "retryable"],
  "upstream.reset": [502, 14],
  "upstream.malformed": [502, 13],
  "upstream.no_upgrade": [502, undefined],
  "attempt.timeout": [504, 4, "timeout"],
  "total.timeout": [504, 4, "timeout"],
  "grpc.unsupported": [502, 12],
  "connection.idle": [504, 4, "timeout", "interrupted"],
  "fault.injected": [503, 14],
  "downstream.gone": [0, 1, "interrupted"],
  internal: [500, 13],
};

describe("the table of failures", () => {
  it("has the statuses and flags of the specification, and a sentence each", () => {
    assert.deepEqual(Object.keys(failures).sort(), Object.keys(table).sort());
    for (const [code, [status, grpc, ...flags]] of Object.entries(table)) {
      const value = failures[code as FailureCode];
      assert.deepEqual([value.code, value.status, value.grpcStatus], [code, status, grpc]);
      assert.deepEqual([...value.flags].sort(), flags.sort(), code);
      assert.match(value.when, /^[A-Z].*\.$/);
      assert.equal(value.message, value.when);
      assert.ok(Object.isFrozen(value));
    }
  });

  it("makes failures with a message and a cause, and retryable ones, without touching the table", () => {
    const cause = new Error("EHOSTUNREACH");
    const made = failure("connect.failed", "10.0.0.1:80 is unreachable", cause);
    assert.deepEqual(
      [made.code, made.status, made.message, made.cause],
      ["connect.failed", 502, "10.0.0.1:80 is unreachable", cause],
    );
    assert.equal(asRetryable(failures["upstream.reset"]).flags.has("retryable"), true);
    assert.equal(failures["upstream.reset"].flags.has("retryable"), false);
  });
});
