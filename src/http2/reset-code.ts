/** With which code a stream is broken off for a failure, and what is understood of a code that comes. */
import { type Failure, failures } from "../base/failure.ts";
import { errorCode } from "./error-code.ts";

/** What the other side of a stream hears; undefined for a body that was not as long as it said. */
export function codeFor(failure: Failure | undefined): number {
  if (failure === undefined) return errorCode.internalError;
  const { flags } = failure;
  return flags.has("interrupted") || flags.has("timeout") ? errorCode.cancel : errorCode.internalError;
}

/** What it means that an endpoint broke a stream off before it answered. */
export function failureOf(code: number): Failure {
  if (code === errorCode.refusedStream) return failures["upstream.refused"];
  return failures["upstream.reset"];
}
