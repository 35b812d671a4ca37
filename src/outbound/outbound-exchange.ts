/** One request to a registry, from its turn to the end of its answer. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { HttpAnswer } from "../base/http.ts";

export interface OutboundParts {
  /** Sends it; called again when it has to be tried again. */
  send(): ClientRequest;
  /** Whether it may be sent twice (RFC 9110 §9.2.2). */
  readonly isIdempotent: boolean;
  received(message: IncomingMessage): HttpAnswer;
  failed(error: NodeJS.ErrnoException): Error;
}

export class OutboundExchange {
  readonly answer: Promise<HttpAnswer>;
  readonly #parts: OutboundParts;
  readonly #settle: PromiseWithResolvers<HttpAnswer> = Promise.withResolvers();
  #sent: ClientRequest | undefined;
  #received: IncomingMessage | undefined;
  #isStopped = false;

  constructor(parts: OutboundParts) {
    this.#parts = parts;
    this.answer = this.#settle.promise;
  }

  /** Resolves when nothing more comes of it, and its connection is free or gone. */
  async run(): Promise<void> {
    while (!this.#isStopped && (await this.#attempt()) === "again");
  }

  /** Ends it, wherever it is; `answer` or the answer's body fails with the reason. */
  stop(reason: Error): void {
    this.#isStopped = true;
    this.#settle.reject(reason);
    this.#received?.destroy(reason);
    this.#sent?.destroy(reason);
  }

  #attempt(): Promise<"over" | "again"> {
    const sent = this.#parts.send();
    this.#sent = sent;
    let trouble: NodeJS.ErrnoException | undefined;
    sent.once("response", (message) => {
      this.#received = message;
      this.#settle.resolve(this.#parts.received(message));
    });
    sent.on("error", (error) => (trouble = error));
    return new Promise((resolve) => {
      sent.once("close", () => {
        if (this.#received !== undefined) return resolve("over");
        const cause = trouble ?? closedEarly();
        if (this.#wasClosedIdle(sent, cause)) return resolve("again");
        this.#settle.reject(this.#parts.failed(cause));
        resolve("over");
      });
    });
  }

  /** The server closed a connection that had been idle while the request was on its way (RFC 9112 §9.3.1). */
  #wasClosedIdle(sent: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
    const isClosed = code === "ECONNRESET" || code === "EPIPE";
    return !this.#isStopped && isClosed && sent.reusedSocket && this.#parts.isIdempotent;
  }
}

const closedEarly = (): NodeJS.ErrnoException =>
  Object.assign(new Error("the connection was closed without an answer"), { code: "ECONNRESET" });
