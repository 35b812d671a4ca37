/** Tells callers whether an answer was a success: in its head, or where only its end says so in its trailers. */
import { fieldLine } from "../http/field-line.ts";
import { HeaderList } from "../http/header-list.ts";
import type { Headers } from "../http/headers.ts";
import { known } from "../http/known-fields.ts";
import { Verdict } from "./slots.ts";

const FIELD = "l5d-success-class";
const succeeded = fieldLine(FIELD, "1.0");
const failed = fieldLine(FIELD, "0.0");

/** In place of what the endpoint says there. */
export function tellClass(headers: Headers, verdict: number): void {
  if ((headers.seen & known.l5d) !== 0) headers.remove(FIELD);
  headers.appendLine(verdict === Verdict.failure ? failed : succeeded);
}

const nothingButSucceeded = new HeaderList();
nothingButSucceeded.appendLine(succeeded);
const nothingButFailed = new HeaderList();
nothingButFailed.appendLine(failed);

/** The trailers of an answer that has none of its own: shared by all, so only to be read. */
export function classTrailers(verdict: number): Headers {
  return verdict === Verdict.failure ? nothingButFailed : nothingButSucceeded;
}
