/** Requests at a constant rate that does not wait for answers, and what became of each. */
import { Agent, request } from "node:http";
import { slowness } from "./wait-until.ts";

export interface LoadOptions {
  readonly port: number;
  readonly host: string;
  readonly perSecond: number;
  readonly path?: string;
  readonly method?: string;
  /** An answer that takes longer counts as failed; 10 s, and more on a machine that is said to be slow, if it is not said. */
  readonly timeoutMs?: number;
  /** Without it: as many connections as it takes, each kept for further requests. */
  readonly agent?: Agent;
}

export interface Answer {
  /** Monotonic ms. */
  readonly sentAt: number;
  readonly tookMs: number;
  /** 0 when there was none. */
  readonly status: number;
  /** The failure's code when linkspan made the answer, or the socket's error. */
  readonly code: string | undefined;
  readonly body: string;
}

/** A load under way. `stop` sends no more and resolves when every request has its answer. */
export class OpenLoad implements AsyncDisposable {
  readonly answers: Answer[] = [];
  readonly #options: LoadOptions;
  readonly #agent: Agent;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #stopped: { readonly at: number } | undefined;
  #idle: (() => void) | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#agent = options.agent ?? new Agent({ keepAlive: true, maxSockets: 512 });
    this.#timer = setInterval(() => this.#sendDue(), 5);
  }

  #sendDue(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) / 1_000) * this.#options.perSecond);
    while (this.#sent < due) {
      this.#sent++;
      this.#send();
    }
  }

  /** One request beside the load. */
  sendOne(): Promise<Answer> {
    this.#sent++;
    return new Promise((resolve) => this.#send(resolve));
  }

  #send(told?: (answer: Answer) => void): void {
    const { port, host, path = "/", method = "GET", timeoutMs = 10_000 * slowness } = this.#options;
    const sentAt = performance.now();
    let settled = false;
    const settle = (status: number, code: string | undefined, body: string): void => {
      if (settled) return;
      settled = true;
      const answer = { sentAt, tookMs: performance.now() - sentAt, status, code, body };
      this.answers.push(answer);
      told?.(answer);
      if (this.#stopped && this.answers.length === this.#sent) this.#idle?.();
    };
    const call = request({
      port,
      host: "127.0.0.1",
      path,
      method,
      agent: this.#agent,
      headers: { host },
      timeout: timeoutMs,
    });
    call.on("timeout", () => call.destroy(new Error("no answer in time")));
    call.on("error", (error) => settle(0, error.message, ""));
    call.on("response", (response) => {
      let body = "";
      response.setEncoding("latin1");
      response.on("data", (text: string) => (body += text));
      response.on("error", (error) => settle(0, error.message, body));
      response.on("end", () =>
        settle(response.statusCode ?? 0, response.headers["linkspan-code"] as string | undefined, body),
      );
    });
    call.end();
  }

  /** What was answered, of what was sent after `since` (monotonic ms). */
  after(since: number): Answer[] {
    return this.answers.filter((answer) => answer.sentAt >= since);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    clearInterval(this.#timer);
    this.#stopped = { at: performance.now() };
    if (this.answers.length < this.#sent) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The share of the promised rate that was really sent, up to `stop`. */
  get offeredShare(): number {
    const until = this.#stopped?.at ?? performance.now();
    return this.#sent / ((until - this.#startedAt) / 1_000) / this.#options.perSecond;
  }
}

/** One request, and what became of it. */
export async function askOnce(options: Omit<LoadOptions, "perSecond">): Promise<Answer> {
  const load = new OpenLoad({ ...options, perSecond: 0 });
  const answer = load.sendOne();
  await load.stop();
  return answer;
}

/** Any answer that is not a backend's; `upstream.reset` is none where an instance was killed with requests in flight. */
export function failed(
  answers: readonly Answer[],
  options: { readonly killed: boolean } = { killed: false },
): Answer[] {
  return answers.filter((answer) => {
    if (answer.status === 200 && answer.code === undefined) return false;
    return !(options.killed && answer.code === "upstream.reset");
  });
}
