/** The wire: questions to Marathon's API over HTTP. */
import type { Http, HttpAnswer, HttpClient, HttpOrigin, Secret } from "linkspan/plugin";
import type { Credentials } from "./credentials.ts";
import { Login } from "./login.ts";

/** A list of all applications is large. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;
const HEAD_MS = 10_000;
const IDLE_MS = 10_000;

export interface MarathonClientOptions {
  readonly http: Http;
  readonly origin: HttpOrigin;
  /** Before every path but that of the login; without a slash at its end. */
  readonly uriPrefix: string;
  readonly credentials: Credentials;
}

export class MarathonClient implements AsyncDisposable {
  readonly #options: MarathonClientOptions;
  readonly #client: HttpClient;
  readonly #login: Login | undefined;

  constructor(options: MarathonClientOptions) {
    this.#options = options;
    this.#client = options.http.open(options.origin);
    const { account } = options.credentials;
    this.#login = account && new Login(account, this.#client);
  }

  /** The answer's JSON; undefined when there is no such thing. Rejects with an Error that says what was wrong. */
  get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#get(this.#client, path, signal);
  }

  /** On a connection that is newer than the question. */
  async getAnew(path: string, signal: AbortSignal): Promise<unknown> {
    await using client = this.#options.http.open({ ...this.#options.origin, maxConnections: 1 });
    return await this.#get(client, path, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#login?.[Symbol.dispose]();
    await this.#client[Symbol.asyncDispose]();
  }

  async #get(client: HttpClient, path: string, signal: AbortSignal): Promise<unknown> {
    const used = this.#login?.current;
    let answer = await this.#ask(client, path, signal);
    if (answer.status === 401 && this.#login) {
      answer[Symbol.dispose]();
      // A token that was asked for meanwhile is not the one that was refused.
      this.#login.forget(used ?? this.#login.current);
      answer = await this.#ask(client, path, signal);
    }
    using last = answer;
    if (last.status === 404) return undefined;
    if (last.status !== 200) throw new Error(`Marathon answered ${last.status} to ${path}`);
    const text = await last.text(MAX_ANSWER_BYTES);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new Error(`Marathon's answer to ${path} is not JSON`, { cause: error });
    }
  }

  async #ask(client: HttpClient, path: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { uriPrefix, credentials } = this.#options;
    const authorization = await this.#authorization(credentials.basic, signal);
    return client.request({
      path: uriPrefix + path,
      headers: { accept: "application/json", ...(authorization === undefined ? {} : { authorization }) },
      signal,
      headTimeoutMs: HEAD_MS,
      idleTimeoutMs: IDLE_MS,
    });
  }

  async #authorization(basic: Secret | undefined, signal: AbortSignal): Promise<string | undefined> {
    if (this.#login) return `token=${(await this.#login.token(signal)).reveal()}`;
    return basic && `Basic ${basic.reveal()}`;
  }
}
