/** The token of a DC/OS service account: asked for once, however many wait for it. */
import { createSign } from "node:crypto";
import { type HttpClient, Secret } from "linkspan/plugin";
import type { ServiceAccount } from "./credentials.ts";

const MAX_ANSWER_BYTES = 65_536;

export class Login implements Disposable {
  readonly #account: ServiceAccount;
  readonly #client: HttpClient;
  readonly #end = new AbortController();
  #token: Promise<Secret> | undefined;

  constructor(account: ServiceAccount, client: HttpClient) {
    this.#account = account;
    this.#client = client;
  }

  /** Rejects when the login fails, and the next call tries again; or with the signal's reason, and the others wait on. */
  token(signal: AbortSignal): Promise<Secret> {
    const asked = (this.#token ??= this.#logIn(this.#end.signal));
    asked.catch(() => this.forget(asked));
    return unlessAborted(asked, signal);
  }

  /** The token is refused: the next call asks for another, unless somebody has already. */
  forget(token: Promise<Secret> | undefined): void {
    if (this.#token === token) this.#token = undefined;
  }

  /** What `forget` is given. */
  get current(): Promise<Secret> | undefined {
    return this.#token;
  }

  [Symbol.dispose](): void {
    this.#end.abort(new Error("the namer has ended"));
  }

  async #logIn(signal: AbortSignal): Promise<Secret> {
    const { uid, loginPath } = this.#account;
    const body = JSON.stringify({ uid, token: this.#signed() });
    const headers = { "content-type": "application/json", accept: "application/json" };
    using answer = await this.#client.request({ method: "POST", path: loginPath, headers, body, signal });
    if (answer.status !== 200) throw new Error(`the login of ${uid} was answered ${answer.status}`);
    const token = tokenIn(await answer.text(MAX_ANSWER_BYTES));
    if (token === undefined) throw new Error(`the login of ${uid} gave no token`);
    return new Secret(token);
  }

  /** A JSON Web Token (RFC 7519) that says who we are. */
  #signed(): string {
    const { uid, privateKey } = this.#account;
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = `${part({ alg: "RS256", typ: "JWT" })}.${part({ uid })}`;
    const signature = createSign("RSA-SHA256").update(claims).sign(privateKey.reveal(), "base64url");
    return `${claims}.${signature}`;
  }
}

function tokenIn(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { readonly token?: unknown } | null;
    return typeof value?.token === "string" ? value.token : undefined;
  } catch {
    // What is wrong with it would show some of it.
    return undefined;
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const aborted = (): void => reject(signal.reason as Error);
  if (signal.aborted) aborted();
  signal.addEventListener("abort", aborted, { once: true });
  work.then(resolve, reject);
  return promise.finally(() => signal.removeEventListener("abort", aborted));
}
