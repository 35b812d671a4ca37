/** Chooses the protocol of a caller's connection: by ALPN under TLS, else by its first bytes. */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Http1Downstream } from "./http1/downstream.ts";
import type { DownstreamSite } from "./http1/downstream-site.ts";
import { Http2Downstream } from "./http2/downstream.ts";
import type { Http2Site } from "./http2/downstream-site.ts";
import { takeOver } from "./http2/h2c.ts";
import { PREFACE } from "./http2/frame.ts";
import { giveBytes, onBytes } from "./net/caller-socket.ts";
import type { Accepted, ListenerOptions } from "./net/listener.ts";
import type { Swept } from "./net/sweeper.ts";
import { schemeOf } from "./net/tls-peer.ts";

/** The two sites of one server: whatever its router speaks, callers come with either protocol. */
export interface ProtocolSites {
  readonly http1: DownstreamSite;
  readonly http2: Http2Site;
  /** Which of them answers what is neither. */
  readonly main: "http1" | "http2";
}

/** What is offered by ALPN, the preferred first. */
export const protocols: readonly string[] = ["h2", "http/1.1"];

export function acceptEither(given: ProtocolSites): ListenerOptions["accept"] {
  const upgradeToH2: DownstreamSite["upgradeToH2"] = (socket, head, rest, closed) =>
    schemeOf(socket) === "http" ? takeOver(socket, head, rest, given.http2, closed) : undefined;
  const sites: ProtocolSites = { ...given, http1: { ...given.http1, upgradeToH2 } };
  return (socket, closed) => {
    if (schemeOf(socket) === "http") return new FirstBytes(socket, sites, closed);
    const isHttp2 = (socket as TLSSocket).alpnProtocol === "h2";
    return isHttp2
      ? new Http2Downstream(socket, sites.http2, closed)
      : new Http1Downstream(socket, sites.http1, closed);
  };
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Looks at the bytes of a connection until they differ from HTTP/2's preface, or are all of it. */
class FirstBytes implements Accepted, Swept {
  #held: Buffer = NOTHING;
  #successor: Accepted | undefined = undefined;
  #isGone = false;
  #drains = false;
  /** Monotonic ms by which the caller must have said enough. */
  #deadline: number;
  readonly #socket: Socket;
  readonly #sites: ProtocolSites;
  readonly #closed: () => void;
  readonly #lost = (): void => this.destroy();

  constructor(socket: Socket, sites: ProtocolSites, closed: () => void) {
    this.#socket = socket;
    this.#sites = sites;
    this.#closed = closed;
    const { sweeper, clock, settings } = sites.http1;
    this.#deadline = clock.now() + settings.idleTimeoutMs;
    sweeper.add(this);
    onBytes(socket, (bytes) => this.#received(bytes));
    for (const event of ["end", "error", "close"]) socket.on(event, this.#lost);
  }

  /** Whoever has said nothing yet may have connected just now: its first request is its last. */
  drain(): void {
    this.#drains = true;
    if (this.#successor !== undefined) return this.#successor.drain();
    if (this.#held.length > 0) return;
    const { clock, settings } = this.#sites.http1;
    this.#deadline = clock.now() + settings.lastCallMs;
  }

  destroy(): void {
    if (this.#successor !== undefined) return this.#successor.destroy();
    if (this.#isGone) return;
    this.#isGone = true;
    this.#sites.http1.sweeper.remove(this);
    this.#socket.destroy();
    this.#closed();
  }

  check(now: number): void {
    if (now >= this.#deadline) this.destroy();
  }

  #received(bytes: Buffer): void {
    if (this.#isGone) return;
    const first = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const count = Math.min(first.length, PREFACE.length);
    const isPreface = first.compare(PREFACE, 0, count, 0, count) === 0;
    if (!isPreface) return this.#hand(this.#sites.main === "http2" && !isRequestLine(first), first);
    if (count === PREFACE.length) return this.#hand(true, first);
    if (this.#held.length === 0) {
      const { clock, settings } = this.#sites.http1;
      this.#deadline = clock.now() + settings.headTimeoutMs;
    }
    this.#held = first === bytes ? Buffer.from(bytes) : first;
  }

  /** From here on the connection is the successor's, with the bytes that have come. */
  #hand(isHttp2: boolean, bytes: Buffer): void {
    const { http1, http2 } = this.#sites;
    const socket = this.#socket;
    http1.sweeper.remove(this);
    for (const event of ["end", "error", "close"]) socket.off(event, this.#lost);
    this.#successor = isHttp2
      ? new Http2Downstream(socket, http2, this.#closed)
      : new Http1Downstream(socket, http1, this.#closed);
    this.#held = NOTHING;
    giveBytes(socket, bytes);
    if (this.#drains) this.#successor.drain();
  }
}

const LF = 10;

/** Whether the first line, if it is whole, ends as those of HTTP/1 do. */
function isRequestLine(bytes: Buffer): boolean {
  const end = bytes.indexOf(LF);
  return end < 0 || / HTTP\/\d\.\d\r?$/.test(bytes.toString("latin1", 0, end));
}
