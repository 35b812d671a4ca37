/** HTTP as namers are given it, to ask registries with: interfaces, so that tests can replace it. */
import type { TlsVersion } from "./cipher-suites.ts";

/** What a connection over TLS is made with. Certificates and keys are PEM. */
export interface HttpTls {
  /** Whom to trust, instead of the system's authorities. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name that the server's certificate must have, if it is not `host`. */
  readonly serverName?: string;
  /** Takes any certificate. */
  readonly disableValidation?: boolean;
  /** Versions of TLS that will do; every safe one if none is said. */
  readonly protocols?: readonly TlsVersion[];
}

/** A proxy that is asked to connect (RFC 9110 §9.3.6), or for plain HTTP given the whole target. */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** For `Proxy-Authorization`. */
  readonly authorization?: string;
  /** The proxy itself is spoken to over TLS; asked at each new connection. */
  readonly tls?: () => HttpTls | Promise<HttpTls>;
}

/** Whom a client asks. */
export interface HttpOrigin {
  readonly host: string;
  readonly port: number;
  /** The field `Host`; host and port if it is not said. */
  readonly authority?: string;
  /** Asked at each new connection, so that what changed on disk is used. Plain HTTP without it. */
  readonly tls?: () => HttpTls | Promise<HttpTls>;
  readonly proxy?: HttpProxy;
  /** 8 unless it is said; further requests wait for one to be free. */
  readonly maxConnections?: number;
  /** Over TLS, HTTP/2 is offered too; where the server takes it, many requests share a connection. */
  readonly multiplexed?: HttpMultiplexing;
}

/** How it is noticed that nobody is at the other end of a connection of HTTP/2 any more. */
export interface HttpMultiplexing {
  /** A PING (RFC 9113 §6.7) is sent so often while requests are open. */
  readonly pingMs: number;
  /** A connection on which nothing comes for so long after a PING is closed; what was open on it fails with ETIMEDOUT. */
  readonly pingTimeoutMs: number;
}

export interface HttpRequest {
  /** GET unless it is said. */
  readonly method?: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Never sent a second time, though it is idempotent: what it says may hold for one server alone, such as an index. */
  readonly isSentOnce?: boolean;
  /** Ends the request, and its answer's body. */
  readonly signal: AbortSignal;
  /** Until the answer's head is there, the wait for a connection included; 10 s unless it is said. */
  readonly headTimeoutMs?: number;
  /** The longest silence within the answer's body; 30 s unless it is said. */
  readonly idleTimeoutMs?: number;
}

/** An answer whose head is there. Read `body` or `text` once, or dispose it: until then it holds a connection. */
export interface HttpAnswer extends Disposable {
  readonly status: number;
  /** By names in lower case; several lines of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Whether it is noticed within seconds that nobody is at the other end any more, though the server may be silent for long. */
  readonly isProbed: boolean;
  /** Throws when the connection ends before the body does. Left early, it closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as UTF-8; throws past `maxBytes`. */
  text(maxBytes: number): Promise<string>;
}

/**
 * Keeps connections to one origin. Redirects are not followed. What is idempotent is sent once more where the server had
 * closed an idle connection by the time it came; nothing else is tried twice.
 */
export interface HttpClient extends AsyncDisposable {
  /** Rejects with an Error that says whom it asked; its `code` is the system's, or ETIMEDOUT. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** How many connections are open. */
  readonly connections: number;
  /** How many were, and are closed by now: who answers on a later one need not be who answered before. */
  readonly closed: number;
}

export interface Http {
  open(origin: HttpOrigin): HttpClient;
}
