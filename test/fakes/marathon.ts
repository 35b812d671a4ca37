/** A Marathon on loopback: the part of its HTTP API that lists applications and their tasks, with the login of DC/OS. */
import { createVerify, type KeyLike } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeTask {
  readonly id: string;
  readonly host: string;
  readonly ports: readonly unknown[];
  readonly state?: string;
  readonly zone?: string;
  readonly ipAddresses?: readonly { readonly ipAddress: string }[];
  readonly healthCheckResults?: readonly { readonly alive: boolean }[];
}

export interface FakeApp {
  readonly tasks: readonly FakeTask[];
  readonly healthChecks?: readonly object[];
  readonly ipAddress?: object;
}

export class FakeMarathon implements AsyncDisposable {
  /** By id, with the slash before it. */
  readonly apps = new Map<string, FakeApp>();
  /** Target and `Authorization` of each request, in order. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[] = [];
  /** Of every answer instead of what was asked for. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  prefix = "";
  /** What `Authorization` must be. */
  authorization: string | undefined;
  /** Of the service account that may log in. */
  account: { readonly uid: string; readonly publicKey: KeyLike } | undefined;
  logins = 0;
  /** What a login is answered in place of a token. */
  nonsense: string | undefined;
  /** Takes logins and does not answer them. */
  isSilent = false;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeMarathon> {
    const server = createServer((request, response) => void fake.#serve(request, response));
    const fake = new FakeMarathon(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    const { authorization } = request.headers;
    this.asked.push({ target, authorization });
    const { pathname, searchParams } = new URL(target, "http://marathon");
    const json = (value: unknown): void => {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(value));
    };
    if (this.refusal) return void response.writeHead(this.refusal.status).end(this.refusal.body);
    if (pathname === "/acs/api/v1/auth/login" && request.method === "POST") return this.#logIn(request, response, json);
    if (this.authorization !== undefined && authorization !== this.authorization) {
      return void response.writeHead(401).end();
    }
    if (pathname === `${this.prefix}/v2/apps`) return json({ apps: [...this.apps.keys()].map((id) => ({ id })) });
    const id = pathname.startsWith(`${this.prefix}/v2/apps/`) ? pathname.slice(`${this.prefix}/v2/apps`.length) : "";
    const app = this.apps.get(decodeURIComponent(id));
    if (!app) return void response.writeHead(404).end(`{"message":"App '${id}' does not exist"}`);
    const { tasks, ...rest } = app;
    json({ app: { id, ...rest, ...(searchParams.get("embed") === "app.tasks" ? { tasks } : {}) } });
  }

  async #logIn(request: IncomingMessage, response: ServerResponse, json: (value: unknown) => void): Promise<void> {
    let body = "";
    for await (const bytes of request) body += String(bytes);
    if (this.isSilent) return;
    const { uid, token } = JSON.parse(body) as { readonly uid: string; readonly token: string };
    const [header = "", claims = "", signature = ""] = token.split(".");
    const verifier = createVerify("RSA-SHA256").update(`${header}.${claims}`);
    const isTheirs =
      this.account?.uid === uid && verifier.verify(this.account.publicKey, Buffer.from(signature, "base64url"));
    if (!isTheirs) return void response.writeHead(401).end();
    this.logins++;
    if (this.nonsense !== undefined) return void response.end(this.nonsense);
    this.authorization = `token=login-${this.logins}`;
    json({ token: `login-${this.logins}` });
  }
}
