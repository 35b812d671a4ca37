/** The wire: questions to a Nomad agent over HTTP, and what makes an answer one. */
import { readFile } from "node:fs/promises";
import {
  type BlockingIndex,
  type Http,
  type HttpClient,
  type HttpOrigin,
  type HttpRequest,
  readIndex,
  Secret,
} from "linkspan/plugin";

/** More than any list of services needs; what is larger is refused loudly. */
const MAX_ANSWER_BYTES = 32 * 2 ** 20;
const READ_MS = 5_000;
/** Beyond the wait that was asked for, and the sixteenth of it that agents add. */
const LATE_MS = 3_000;
const BODY_MS = 10_000;
/** How many queries wait at a time: an agent cuts what is beyond its limit of connections for a host, 100 by default. */
export const MAX_WAITING = 64;
const MAX_READING = 8;
const PROBLEM_LETTERS = 120;

export interface NomadAgentOptions {
  readonly http: Http;
  readonly origin: HttpOrigin;
  readonly namespace: string;
  readonly region: string | undefined;
  readonly token: Secret | undefined;
  /** An absolute path; read before each question, so that a new token is used. */
  readonly tokenFile: string | undefined;
}

export interface NomadQuestion {
  /** Without its query. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Waits for something newer than this, `waitMs` at most, unless a connection was closed since: then it asks anew. */
  readonly index?: BlockingIndex;
  readonly waitMs?: number;
}

export interface NomadAnswer {
  readonly value: unknown;
  readonly index: BlockingIndex | undefined;
}

export class NomadAgent implements AsyncDisposable {
  readonly #options: NomadAgentOptions;
  readonly #waiting: HttpClient;
  readonly #reading: HttpClient;
  readonly #query: string;

  constructor(options: NomadAgentOptions) {
    this.#options = options;
    const { http, origin, namespace, region } = options;
    this.#waiting = http.open({ ...origin, maxConnections: MAX_WAITING });
    this.#reading = http.open({ ...origin, maxConnections: MAX_READING });
    const query = new URLSearchParams({ namespace, ...(region === undefined ? {} : { region }) });
    this.#query = query.toString();
  }

  /** Rejects with an Error that says what was wrong with the answer. */
  ask(question: NomadQuestion): Promise<NomadAnswer> {
    const { index, ...anew } = question;
    if (index?.era !== this.#era) return this.#exchange(this.#reading, anew);
    return this.#exchange(this.#waiting, question);
  }

  /** On a connection that is newer than the question. */
  async askAnew(question: NomadQuestion): Promise<NomadAnswer> {
    await using client = this.#options.http.open({ ...this.#options.origin, maxConnections: 1 });
    return await this.#exchange(client, question);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#waiting[Symbol.asyncDispose]();
    await this.#reading[Symbol.asyncDispose]();
  }

  /** Grows with each connection that is closed. */
  get #era(): number {
    return this.#waiting.closed + this.#reading.closed;
  }

  async #exchange(client: HttpClient, { path, signal, index, waitMs = 0 }: NomadQuestion): Promise<NomadAnswer> {
    const token = await this.#token();
    const wait = index === undefined ? "" : `&index=${index.value}&wait=${waitMs}ms`;
    const request: HttpRequest = {
      path: `${path}?${this.#query}${wait}`,
      headers: {
        accept: "application/json",
        ...(token === undefined ? {} : { "x-nomad-token": token.reveal() }),
      },
      signal,
      // On another connection its index may mean nothing.
      isSentOnce: index !== undefined,
      headTimeoutMs: index === undefined ? READ_MS : waitMs * (1 + 1 / 16) + LATE_MS,
      idleTimeoutMs: BODY_MS,
    };
    using answer = await client.request(request);
    const { status } = answer;
    // Some versions say so of a service that nobody has registered.
    if (status === 404) return { value: [], index: readIndex(answer.headers["x-nomad-index"], this.#era) };
    const text = await answer.text(MAX_ANSWER_BYTES);
    if (status !== 200) throw new Error(`Nomad answered ${status} (${oneLine(text)})`);
    return { value: parsed(text), index: readIndex(answer.headers["x-nomad-index"], this.#era) };
  }

  async #token(): Promise<Secret | undefined> {
    const { token, tokenFile } = this.#options;
    if (tokenFile === undefined) return token;
    try {
      return new Secret((await readFile(tokenFile, "utf8")).trim());
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "it is not readable";
      throw new Error(`the token cannot be read from ${tokenFile}: ${code}`, { cause: error });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error("Nomad's answer is not JSON", { cause: error });
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > PROBLEM_LETTERS ? `${line.slice(0, PROBLEM_LETTERS)}...` : line || "no reason given";
}
