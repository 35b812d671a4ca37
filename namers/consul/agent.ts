/** The wire: questions to a Consul agent over HTTP, and what makes an answer one. */
import { type BlockingIndex, type Clock, type HttpClient, type HttpRequest, readIndex } from "linkspan/plugin";
import type { AgentConnections, Lane } from "./connections.ts";
import type { TokenSource } from "./token-source.ts";

/** More than any catalogue needs; what is larger is refused loudly. */
export const MAX_ANSWER_BYTES = 64 * 2 ** 20;
/** A question that does not wait is answered within this, to its last byte. */
const READ_MS = 10_000;
/** Beyond the wait that was asked for, the sixteenth of it that agents add, and the body. */
const LATE_MS = 1_500;
const BODY_MS = 10_000;
const PROBLEM_LETTERS = 120;

export interface AgentQuestion {
  /** With its query, which says at least the datacenter; without `index` and `wait`. */
  readonly path: string;
  readonly lane: Lane;
  readonly signal: AbortSignal;
  /** Waits for something newer than this, `waitMs` at most, unless a connection was closed since: then it asks anew. */
  readonly index?: BlockingIndex;
  readonly waitMs?: number;
  /** GET, or with a body POST, unless it is said. */
  readonly method?: "PUT";
  readonly body?: string;
  /** Until the last byte, of a question that does not wait. */
  readonly withinMs?: number;
}

export interface AgentAnswer {
  readonly text: string;
  readonly index: BlockingIndex | undefined;
  /** The agent says that it left out what the token may not see. */
  readonly isFiltered: boolean;
}

/** An answer that is none: not 200, or too much. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly status: number;
  readonly index: BlockingIndex | undefined;
  constructor(status: number, message: string, index?: BlockingIndex) {
    super(message);
    this.status = status;
    this.index = index;
  }
}

export class ConsulAgent {
  readonly shown: string;
  readonly connections: AgentConnections;
  readonly #tokens: TokenSource;
  readonly #clock: Clock;

  constructor(connections: AgentConnections, tokens: TokenSource, clock: Clock) {
    this.shown = `Consul at ${connections.shown}`;
    this.connections = connections;
    this.#tokens = tokens;
    this.#clock = clock;
  }

  /** Rejects with an Error that says whom it asked and what was wrong with the answer. */
  async ask(question: AgentQuestion): Promise<AgentAnswer> {
    const token = await this.#tokens.current();
    const headers = token === undefined ? {} : { "x-consul-token": token.reveal() };
    if (question.lane === "fresh") {
      return this.connections.onFresh((client) => this.#exchange(client, question, headers));
    }
    const client = this.connections.client(question.lane);
    try {
      return await this.#exchange(client, question, headers);
    } catch (error) {
      if (question.lane === "watch" || question.signal.aborted) throw error;
      // A connection that was kept may have ended since; a second one says whether the agent did.
      const again = this.connections.client(question.lane);
      if (!wasCut(error) && again === client) throw error;
      return this.#exchange(again, question, headers);
    }
  }

  async #exchange(
    client: HttpClient,
    question: AgentQuestion,
    headers: Readonly<Record<string, string>>,
  ): Promise<AgentAnswer> {
    const { index: beyond } = question;
    const waits = beyond?.era === this.connections.closed && question.waitMs !== undefined;
    const headMs = waits ? question.waitMs * (1 + 1 / 16) + LATE_MS : (question.withinMs ?? READ_MS);
    using limit = new TimeLimit(this.#clock, question.signal);
    limit.within(headMs, `${this.shown} gave no answer within ${Math.round(headMs)} ms`);
    const request: HttpRequest = {
      path: waits ? `${question.path}&index=${beyond.value}&wait=${Math.round(question.waitMs)}ms` : question.path,
      headers,
      signal: limit.signal,
      headTimeoutMs: headMs + 1_000,
      idleTimeoutMs: BODY_MS,
      // The index is of the server that was asked; another one is asked without.
      isSentOnce: waits,
      ...(question.body === undefined ? {} : { method: "POST", body: question.body }),
      ...(question.method === undefined ? {} : { method: question.method }),
    };
    using answer = await client.request(request);
    const { status } = answer;
    if (waits) limit.within(BODY_MS, `${this.shown} did not end its answer within ${BODY_MS} ms`);
    const text = await answer.text(status === 200 ? MAX_ANSWER_BYTES : 4_096);
    const index = readIndex(answer.headers["x-consul-index"], this.connections.closed);
    if (status !== 200) throw new AgentError(status, `${this.shown} answered ${status} (${oneLine(text)})`, index);
    return {
      text,
      index,
      isFiltered: answer.headers["x-consul-results-filtered-by-acls"] === "true",
    };
  }
}

/** Aborts with a sentence when the time is over, however little by little an answer comes. */
class TimeLimit implements Disposable {
  readonly #clock: Clock;
  readonly #outer: AbortSignal;
  readonly #end = new AbortController();
  #timer: Disposable | undefined;
  readonly #ended = (): void => this.#end.abort(this.#outer.reason);

  constructor(clock: Clock, outer: AbortSignal) {
    this.#clock = clock;
    this.#outer = outer;
    if (outer.aborted) this.#ended();
    else outer.addEventListener("abort", this.#ended, { once: true });
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  within(ms: number, message: string): void {
    this.#timer?.[Symbol.dispose]();
    const late = Object.assign(new Error(message), { code: "ETIMEDOUT" });
    this.#timer = this.#clock.timer(ms, () => this.#end.abort(late));
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#outer.removeEventListener("abort", this.#ended);
  }
}

export const isTimeout = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ETIMEDOUT";

const wasCut = (error: unknown): boolean =>
  ["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException).code ?? "");

/** An agent's problem in a sentence; pages of proxies are cut short. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > PROBLEM_LETTERS ? `${line.slice(0, PROBLEM_LETTERS)}...` : line || "no reason given";
}
