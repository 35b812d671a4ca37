/** An answer of a registry whose head is there, and its body as it comes. */
import type { IncomingMessage } from "node:http";
import type { HttpAnswer } from "../base/http.ts";
import type { Clock } from "../base/time.ts";

export interface AnswerParts {
  readonly message: IncomingMessage;
  /** Whom was asked, for errors. */
  readonly origin: string;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
}

/** Disposing it, or leaving its body early, closes the connection. */
export class ReceivedAnswer implements HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly #message: IncomingMessage;

  constructor(parts: AnswerParts) {
    const { message } = parts;
    this.#message = message;
    this.status = message.statusCode ?? 0;
    this.headers = joined(message);
    this.body = chunks(parts);
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
    if (!this.#message.complete) this.#message.destroy();
    else this.#message.resume();
  }
}

async function* chunks({ message, origin, clock, idleTimeoutMs }: AnswerParts): AsyncGenerator<Uint8Array> {
  const silent = (): void => {
    const late = new Error(`${origin} has sent nothing for ${idleTimeoutMs} ms`);
    message.destroy(Object.assign(late, { code: "ETIMEDOUT" }));
  };
  let timer = clock.timer(idleTimeoutMs, silent);
  try {
    for await (const bytes of message as AsyncIterable<Buffer>) {
      timer[Symbol.dispose]();
      yield bytes;
      timer = clock.timer(idleTimeoutMs, silent);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
    throw Object.assign(new Error(`${origin} ended its answer in the middle`, { cause: error }), {
      code: "ECONNRESET",
    });
  } finally {
    timer[Symbol.dispose]();
  }
}

function joined({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> {
  const all: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) all[name] = Array.isArray(value) ? value.join(", ") : value;
  return all;
}
