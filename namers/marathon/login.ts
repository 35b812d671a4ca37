/** The token of a DC/OS service account: asked for once, however many wait for it. */
import { createSign } from "node:crypto";
import { type HttpClient, Secret } from "linkspan/plugin";
import type { ServiceAccount } from "./credentials.ts";

const MAX_ANSWER_BYTES = 65_536;

export class Login {
  readonly #account: ServiceAccount;
  #token: Promise<Secret> | undefined;

  constructor(account: ServiceAccount) {
    this.#account = account;
  }

  /** Rejects when the login fails; the next call tries again. */
  token(client: HttpClient, signal: AbortSignal): Promise<Secret> {
    const asked = (this.#token ??= this.#logIn(client, signal));
    asked.catch(() => this.forget(asked));
    return asked;
  }

  /** The token is refused: the next call asks for another, unless somebody has already. */
  forget(token: Promise<Secret> | undefined): void {
    if (this.#token === token) this.#token = undefined;
  }

  /** What `forget` is given. */
  get current(): Promise<Secret> | undefined {
    return this.#token;
  }

  async #logIn(client: HttpClient, signal: AbortSignal): Promise<Secret> {
    const { uid, loginPath } = this.#account;
    const body = JSON.stringify({ uid, token: this.#signed() });
    const headers = { "content-type": "application/json", accept: "application/json" };
    using answer = await client.request({ method: "POST", path: loginPath, headers, body, signal });
    if (answer.status !== 200) throw new Error(`the login of ${uid} was answered ${answer.status}`);
    const value = JSON.parse(await answer.text(MAX_ANSWER_BYTES)) as { readonly token?: unknown } | null;
    if (typeof value?.token !== "string") throw new Error(`the login of ${uid} gave no token`);
    return new Secret(value.token);
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
