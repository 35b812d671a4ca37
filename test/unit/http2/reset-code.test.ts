/** Tests of the codes of resets. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { errorCode } from "../../../src/http2/error-code.ts";
import { codeFor, failureOf } from "../../../src/http2/reset-code.ts";

it("what ran out of time, or lost its caller, is cancelled; the rest is an error", () => {
  assert.equal(codeFor(failures["total.timeout"]), errorCode.cancel);
  assert.equal(codeFor(failures["downstream.gone"]), errorCode.cancel);
  assert.equal(codeFor(failures["upstream.reset"]), errorCode.internalError);
  assert.equal(codeFor(undefined), errorCode.internalError);
});

it("only REFUSED_STREAM says that nothing was done", () => {
  assert.equal(failureOf(errorCode.refusedStream), failures["upstream.refused"]);
  assert.equal(failureOf(errorCode.cancel), failures["upstream.reset"]);
  assert.equal(failureOf(4711), failures["upstream.reset"]);
});
