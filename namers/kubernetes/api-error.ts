/** An API server that does not give what it was asked for, and says why. */
import type { HttpAnswer } from "linkspan/plugin";
import { fieldsOf, type Fields, textOf } from "./json-fields.ts";

/** How much of an answer that refuses is read. */
const MAX_REFUSAL_BYTES = 64 * 1024;
const MAX_SHOWN = 300;
const MAX_RETRY_AFTER_MS = 30_000;

export class ApiError extends Error {
  override readonly name = "ApiError";
  /** As HTTP has it: 410 where a version is too old, whether the answer or an event in it says so. */
  readonly status: number;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(what: string, status: number, why: string, retryAfterMs?: number) {
    super(`${what}: ${status} ${why}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** The version that was asked for is no longer known; only a list helps. */
  get isExpired(): boolean {
    return this.status === 410;
  }
}

/** Reads what the server says beside its status; holds no connection afterwards. */
export async function refusalOf(what: string, answer: HttpAnswer): Promise<ApiError> {
  const text = await answer.text(MAX_REFUSAL_BYTES).catch(() => "");
  const status = statusIn(text);
  const seconds = Number(answer.headers["retry-after"] ?? Number.NaN);
  const why = textOf(status["message"]) ?? plain(text);
  return new ApiError(what, answer.status, why, retryAfter(seconds) ?? retryAfterIn(status));
}

/** The error that an object of the kind `Status` tells, as it stands in an event of a watch. */
export function errorOf(what: string, status: Fields): ApiError {
  const code = typeof status["code"] === "number" ? status["code"] : 500;
  return new ApiError(what, code, textOf(status["message"]) ?? "it gives no reason", retryAfterIn(status));
}

function statusIn(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function retryAfterIn(status: Fields): number | undefined {
  return retryAfter(Number(fieldsOf(status["details"])["retryAfterSeconds"] ?? Number.NaN));
}

const retryAfter = (seconds: number): number | undefined =>
  seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : undefined;

/** In one line, and not long. */
function plain(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line === "" ? "it gives no reason" : line.slice(0, MAX_SHOWN);
}
