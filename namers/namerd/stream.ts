/** Questions that namerd answers once, or again and again, a JSON document a line. */
import { type Clock, failed, LineReader, ok, type Random, type State, watch } from "linkspan/plugin";
import type { NamerdServer } from "./server.ts";

const MAX_LINE_BYTES = 64 * 2 ** 20;
/** A stream on which nothing comes for so long is asked for anew: its other end may be gone. */
const SILENCE_MS = 120_000;
/** Between the end of a stream and the next. */
const PAUSE_MS = 250;

/** With its query. */
export function apiPath(
  verb: "addr" | "bind" | "delegate",
  namespace: string,
  query: Readonly<Record<string, string>>,
): string {
  const text = new URLSearchParams(query).toString().replaceAll("+", "%20");
  return `/api/1/${verb}/${encodeURIComponent(namespace)}?${text}`;
}

export interface StreamOptions<T> {
  readonly server: NamerdServer;
  /** With its query, but for `watch`. */
  readonly path: string;
  /** Throws where a document is a failure or cannot be read; `undefined` where it says that nothing is known yet. */
  read(document: unknown): T | undefined;
  set(state: State<T>): void;
  readonly retry: { readonly minMs: number; readonly maxMs: number };
  readonly clock: Clock;
  readonly random: Random;
}

/** Goes on until it is disposed: a stream that ends is asked for anew, one that fails after a delay. */
export function followStream<T>({ server, path, read, retry, ...options }: StreamOptions<T>): Disposable {
  return watch<T>({
    ...options,
    retry,
    pauseMs: PAUSE_MS,
    async attempt(emit, signal) {
      const request = { path: `${path}&watch=1`, signal, idleTimeoutMs: SILENCE_MS };
      using answer = await server.ask(request);
      const lines = new LineReader(MAX_LINE_BYTES);
      let heard = 0;
      try {
        for await (const bytes of answer.body) {
          for (const line of lines.push(bytes)) {
            heard++;
            emit(stateOf(read, parse(line)));
          }
        }
      } catch (error) {
        if (heard === 0 || (error as NodeJS.ErrnoException).code !== "ETIMEDOUT") throw error;
      }
      if (heard === 0) throw new Error("namerd ended a stream that had said nothing");
    },
  });
}

function stateOf<T>(read: StreamOptions<T>["read"], document: unknown): State<T> {
  try {
    const value = read(document);
    return value === undefined ? { tag: "pending" } : ok(value);
  } catch (error) {
    return failed(error as Error);
  }
}

/** Rejects where it is not answered, or not with one document. */
export async function askOnce(
  server: NamerdServer,
  path: string,
  signal: AbortSignal,
  isFresh = false,
): Promise<unknown> {
  using answer = await server.ask({ path, signal, isFresh });
  return parse(await answer.text(MAX_LINE_BYTES));
}

/** Errors come as plain text in the place of a document. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`namerd says: ${text.replace(/\s+/g, " ").trim().slice(0, 200)}`, { cause: error });
  }
}
