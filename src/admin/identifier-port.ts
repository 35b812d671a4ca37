/** Linkerd 1's `admin.httpIdentifierPort`: whatever is asked there is answered with the name that each http router would give it. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Clock } from "../base/time.ts";
import type { Log } from "../base/log.ts";
import type { ExplainSource } from "./explain-source.ts";
import { sendJson, sendText } from "./server.ts";

const { createServer } = process.getBuiltinModule("node:http");

/** Of the process before this one, say, that still has the port. */
const RETRY_MS = 1_000;

export interface IdentifierPortParts {
  readonly host: string;
  readonly port: number;
  readonly source: ExplainSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly bug: (error: unknown) => void;
}

/** Nothing that is asked is ever sent on. A port that is taken is waited for. */
export class IdentifierPort implements AsyncDisposable {
  readonly #parts: IdentifierPortParts;
  readonly #server: Server;
  #retry: Disposable | undefined;
  #isClosed = false;
  #isTold = false;

  constructor(parts: IdentifierPortParts) {
    this.#parts = parts;
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (raw, response) => {
      raw.resume();
      this.#answer(raw, response).catch((error: unknown) => {
        parts.bug(error);
        response.destroy();
      });
    });
    this.#server.maxConnections = 64;
    this.#server.on("listening", () => this.#listens());
    this.#server.on("error", (error) => this.#failed(error));
    this.#listen();
  }

  isAt(host: string, port: number | undefined): boolean {
    return this.#parts.host === host && this.#parts.port === port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#retry?.[Symbol.dispose]();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(): void {
    const { host, port } = this.#parts;
    if (!this.#isClosed) this.#server.listen({ host, port });
  }

  #listens(): void {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    this.#parts.log.info("identifier.listening", { host: this.#parts.host, port });
  }

  #failed(error: Error): void {
    if (this.#server.listening) return;
    const { host, port, clock, log } = this.#parts;
    if (!this.#isTold) log.warn("identifier.waiting", { host, port, cause: error.message });
    this.#isTold = true;
    this.#retry = clock.timer(RETRY_MS, () => this.#listen());
  }

  async #answer(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const { source } = this.#parts;
    const { method = "GET", url: target = "/", rawHeaders } = raw;
    const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : []));
    const routers = source.routers().filter(({ protocol }) => protocol === "http");
    const answers = await Promise.all(
      routers.map(async (router) => {
        const found = await source.identify(router, { method, target, headers });
        const dtab = router.dtab.show;
        if (found === undefined) return [router.label, { error: "the router did not answer in time" }];
        if (found.kind === "refused") return [router.label, { error: found.message }];
        const whole = [dtab, found.local].filter((each) => each !== "").join(";");
        return [router.label, { path: found.path, ...(whole === "" ? {} : { dtab: whole }) }];
      }),
    );
    if (response.destroyed) return;
    if (answers.length === 0) return sendText(response, 404, "there is no http router\n");
    sendJson(response, Object.fromEntries(answers));
  }
}
