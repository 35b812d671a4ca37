/** One request to a registry over HTTP/2, from its turn to the end of its answer. */
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader, OutgoingHttpHeaders } from "node:http2";
import type { HttpAnswer } from "../base/http.ts";
import type { AnswerSource } from "./http-answer.ts";
import type { Http2Connection } from "./http2-connection.ts";

/** RFC 9113 §7. */
const REFUSED_STREAM = 7;
const CANCEL = 8;

export interface MultiplexedParts {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Uint8Array | undefined;
  readonly isIdempotent: boolean;
  received(source: AnswerSource): HttpAnswer;
  failed(error: NodeJS.ErrnoException): Error;
}

export class MultiplexedExchange {
  readonly answer: Promise<HttpAnswer>;
  readonly #parts: MultiplexedParts;
  readonly #settle: PromiseWithResolvers<HttpAnswer> = Promise.withResolvers();
  readonly #end = new AbortController();
  #stream: ClientHttp2Stream | undefined;

  constructor(parts: MultiplexedParts) {
    this.#parts = parts;
    this.answer = this.#settle.promise;
  }

  /** Aborts when it is stopped. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Ends it, wherever it is; `answer` or the answer's body fails with the reason. */
  stop(reason: Error): void {
    this.#end.abort(reason);
    this.#settle.reject(reason);
    if (this.#stream !== undefined) cancel(this.#stream, reason);
  }

  /** The answer comes from elsewhere. Resolves when its head is there, or will not be. */
  async hand(answer: Promise<HttpAnswer>): Promise<"over"> {
    this.#settle.resolve(answer);
    await answer.catch(() => undefined);
    return "over";
  }

  /** Resolves when nothing more comes of it; with `again` where it was not begun, or its connection had been idle. */
  attempt(on: Http2Connection, isLast: boolean): Promise<"over" | "again"> {
    const { headers, body, received, failed } = this.#parts;
    const mayBeIdle = on.hasServed;
    const stream = on.request(headers, body);
    this.#stream = stream;
    let hasHead = false;
    let trouble: NodeJS.ErrnoException = Object.assign(new Error("the connection was closed without an answer"), {
      code: "ECONNRESET",
    });
    const isComplete = completeness(stream);
    stream.once("response", (head) => {
      hasHead = true;
      this.#settle.resolve(received(source(stream, head, isComplete)));
    });
    stream.on("error", (error) => (trouble = error));
    return new Promise((resolve) => {
      stream.once("close", () => {
        const isRefused = stream.rstCode === REFUSED_STREAM;
        const wasLost = mayBeIdle && (trouble.code === "ECONNRESET" || trouble.code === "EPIPE");
        const mayGoAgain = !hasHead && !isLast && !this.signal.aborted && this.#parts.isIdempotent;
        if (mayGoAgain && (isRefused || wasLost)) return resolve("again");
        this.#settle.reject(failed(trouble));
        resolve("over");
      });
    });
  }
}

function source(
  stream: ClientHttp2Stream,
  head: IncomingHttpHeaders & IncomingHttpStatusHeader,
  isComplete: () => boolean,
): AnswerSource {
  return {
    status: head[":status"] ?? 0,
    headers: head,
    body: stream,
    isComplete,
    end: (reason) => cancel(stream, reason),
  };
}

function cancel(stream: ClientHttp2Stream, reason?: Error): void {
  if (!stream.destroyed && !stream.closed) stream.close(CANCEL);
  stream.destroy(reason);
}

/** Node ends the body of a stream that is closed in the middle as it ends a whole one, only after it has closed it. */
function completeness(stream: ClientHttp2Stream): () => boolean {
  let isComplete = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !stream.closed) isComplete = true;
    return push(chunk, encoding);
  };
  return () => isComplete;
}
