/** How long an answer asks to be left alone before it is asked again: `Retry-After`, and what gRPC has in its place. */
import type { Headers } from "../http/headers.ts";

/** Nothing is to be tried again. */
export const NEVER = Infinity;

const SECONDS = /^\d{1,9}$/;
const MILLISECONDS = /^-?\d{1,9}$/;

/**
 * In ms; 0 where nothing is asked for. `wall` is epoch ms, for a date (RFC 9110 §10.2.3). Of gRPC a negative number, and
 * what is none, ask for no retry at all.
 */
export function pushBackOf(headers: Headers, wall: number): number {
  const grpc = headers.get("grpc-retry-pushback-ms");
  if (grpc !== undefined) return MILLISECONDS.test(grpc) && !grpc.startsWith("-") ? Number(grpc) : NEVER;
  const text = headers.get("retry-after");
  if (text === undefined) return 0;
  if (SECONDS.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - wall);
}
