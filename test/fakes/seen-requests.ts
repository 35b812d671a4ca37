/** Requests that a backend read, in the short form in which the corpus names them. */
import { readCutRequests, type StrictMessage, valuesOf } from "./strict-reader.ts";

/** `method target [@host] [upgrade] [framing body] [+trailer]`; the host is left out where it is `a` or `evil`. */
export function shownRequest({ line, fields, body, trailers }: StrictMessage): string {
  const [method, target] = line.split(" ");
  const [host] = valuesOf(fields, "host");
  const parts = [`${method} ${target}`];
  if (host !== undefined && host !== "a" && host !== "evil") parts.push(`@${host}`);
  if (valuesOf(fields, "upgrade").length > 0) parts.push("upgrade");
  if (valuesOf(fields, "transfer-encoding").length > 0) parts.push(`chunked ${body}`);
  else if (valuesOf(fields, "content-length").length > 0) parts.push(`length ${body}`);
  for (const [name, value] of trailers) parts.push(`+${name}: ${value}`);
  return parts.join(" ");
}

/** All whole requests in the bytes of each connection, which must be canonical. */
export const shownRequests = (seen: readonly string[]): string[] =>
  seen.flatMap((bytes) => readCutRequests(bytes).messages.map(shownRequest));
