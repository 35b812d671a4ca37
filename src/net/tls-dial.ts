/** One TLS connection to an endpoint: how it is asked for, and whether it may be used. */
import { isIP, type TcpNetConnectOpts } from "node:net";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import { certificateTrouble, handshakeTrouble } from "./tls-trouble.ts";
import type { ClientTls, ClientTlsRules } from "./tls-client.ts";

/** How a cluster's endpoints are spoken to. */
export interface Securing extends ClientTlsRules {
  readonly tls: ClientTls;
  /** What is spoken; an endpoint that does not agree to `h2` does not speak it. */
  readonly alpn: "h2" | "http/1.1";
}

/** Not to be used before `check` has found nothing. */
export class TlsDial {
  readonly socket: TLSSocket;
  readonly #securing: Securing;
  readonly #address: string;
  readonly #session: string;
  /** Whether the handshake may go on: TCP is there. */
  #connected = false;
  #checked = false;

  constructor(options: TcpNetConnectOpts, securing: Securing) {
    const { tls, name, alpn } = securing;
    this.#securing = securing;
    this.#address = `${options.host}:${options.port}`;
    this.#session = `${this.#address} ${name ?? ""} ${alpn}`;
    const session = tls.sessions.get(this.#session);
    this.socket = connect({
      ...options,
      secureContext: tls.context,
      ALPNProtocols: [alpn],
      // `check` decides: it can name the certificate, which is gone when Node ends a connection for it.
      rejectUnauthorized: false,
      checkServerIdentity: (_, certificate) =>
        name === undefined ? undefined : checkServerIdentity(name, certificate),
      ...(name !== undefined && isIP(name) === 0 ? { servername: name } : {}),
      ...(session === undefined ? {} : { session }),
    });
    const { socket } = this;
    socket.once("connect", () => (this.#connected = true));
    socket.on("session", (given: Buffer) => tls.sessions.set(this.#session, given));
    socket.on("error", (error) => this.#failedLater(error));
  }

  /** After `secureConnect`: why the connection must not be used, or "". */
  check(): string {
    const { tls, alpn, validates } = this.#securing;
    this.#checked = true;
    const trouble = validates ? this.#certificateTrouble() : "";
    const wanted = alpn === "h2" && this.socket.alpnProtocol !== "h2";
    if (trouble !== "" || wanted)
      return this.#told(trouble || "it does not speak HTTP/2 (h2 was not agreed on by ALPN)");
    (this.socket.isSessionReused() ? tls.counters.resumed : tls.counters.ok).value++;
    return "";
  }

  /** What an error before `secureConnect` means; "" for one of TCP. */
  explain(error: NodeJS.ErrnoException): string {
    return this.#connected ? this.#told(handshakeTrouble(error)) : "";
  }

  #told(trouble: string): string {
    const { tls, name } = this.#securing;
    tls.sessions.delete(this.#session);
    const message = `TLS to ${this.#address}${name === undefined ? "" : ` as ${name}`}: ${trouble}`;
    tls.failed(message);
    return message;
  }

  #certificateTrouble(): string {
    if (this.socket.authorized) return "";
    const { name = "", tls } = this.#securing;
    const certificate = this.socket.getPeerX509Certificate();
    const code = String(this.socket.authorizationError);
    return certificate ? certificateTrouble(code, certificate, name, tls.trust) : `it showed no certificate (${code})`;
  }

  /** With TLS 1.3 an endpoint's refusal of our certificate comes behind the handshake. */
  #failedLater(error: NodeJS.ErrnoException): void {
    if (!this.#checked || error.code?.startsWith("ERR_SSL_") !== true) return;
    const { tls, name } = this.#securing;
    tls.sessions.delete(this.#session);
    const as = name === undefined ? "" : ` as ${name}`;
    tls.refused(`TLS to ${this.#address}${as}: ${handshakeTrouble(error)}`);
  }
}
