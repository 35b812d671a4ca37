/** An answer of a registry whose head is there, and its body as it comes. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { HttpAnswer } from "../base/http.ts";
import type { Clock } from "../base/time.ts";

/** What an answer comes on: a message of HTTP/1, or a stream of HTTP/2. */
export interface AnswerSource {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readable;
  /** Whether the server has said that the body is over. */
  isComplete(): boolean;
  /** Ends it in the middle. */
  end(reason?: Error): void;
}

export interface AnswerParts {
  readonly source: AnswerSource;
  /** Whom was asked, for errors. */
  readonly origin: string;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly isProbed: boolean;
}

/** Disposing it, or leaving its body early, closes the connection, of HTTP/2 the stream. */
export class ReceivedAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly isProbed: boolean;
  readonly #source: AnswerSource;

  constructor(parts: AnswerParts) {
    const { source } = parts;
    this.#source = source;
    this.status = source.status;
    this.headers = joined(source.headers);
    this.body = chunks(parts);
    this.isProbed = parts.isProbed;
  }

  async text(maxBytes: number): Promise<string> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const bytes of this.body) {
      size += bytes.length;
      if (size > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
      parts.push(bytes);
    }
    return Buffer.concat(parts, size).toString("utf8");
  }

  [Symbol.dispose](): void {
    if (this.#source.isComplete()) this.#source.body.resume();
    else this.#source.end();
  }
}

/** What a message of HTTP/1 says. */
export function sourceOf(message: IncomingMessage): AnswerSource {
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    body: message,
    isComplete: () => message.complete,
    end: (reason) => void message.destroy(reason),
  };
}

async function* chunks({
  source,
  origin,
  clock,
  idleTimeoutMs,
}: Omit<AnswerParts, "isProbed">): AsyncGenerator<Uint8Array> {
  const silent = (): void => {
    const late = new Error(`${origin} has sent nothing for ${idleTimeoutMs} ms`);
    source.end(Object.assign(late, { code: "ETIMEDOUT" }));
  };
  let timer = clock.timer(idleTimeoutMs, silent);
  try {
    for await (const bytes of source.body as AsyncIterable<Buffer>) {
      timer[Symbol.dispose]();
      yield bytes;
      timer = clock.timer(idleTimeoutMs, silent);
    }
  } catch (error) {
    if (!isCut(error as NodeJS.ErrnoException)) throw error;
    throw cut(origin, error);
  } finally {
    timer[Symbol.dispose]();
  }
  // A stream of HTTP/2 ends like a whole one when its connection does.
  if (!source.isComplete()) throw cut(origin);
}

function isCut({ code = "" }: NodeJS.ErrnoException): boolean {
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || code.startsWith("ERR_HTTP2_");
}

function cut(origin: string, cause?: unknown): Error {
  return Object.assign(new Error(`${origin} ended its answer in the middle`, { cause }), { code: "ECONNRESET" });
}

function joined(headers: AnswerSource["headers"]): Readonly<Record<string, string | undefined>> {
  const all: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(":")) all[name] = typeof value === "object" ? value.join(", ") : value;
  }
  return all;
}
