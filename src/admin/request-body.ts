/** The body of a question to the admin port, bounded. */
import type { IncomingMessage } from "node:http";

/** A dtab of many thousand lines is well below it. */
export const MAX_BODY = 2 * 1_024 * 1_024;

/** `undefined` when it is larger than `MAX_BODY`. Rejects when the caller leaves. */
export async function readBody(raw: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks).toString("utf8");
}

/** Whether the body is said to be JSON, in whatever charset. */
export function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\s*(?:;|$)/i.test(headers["content-type"] ?? "");
}
