/** A TCP proxy in front of a real server that makes the troubles of networks and of wrong answers. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from "node:tls";

/** Wrong answers, named as HTTP has them; other protocols have their own like. */
export type Lie = "500" | "403" | "429" | "empty" | "truncated";

/** Reads one connection's protocol along, and can answer wrongly. */
export interface Wire {
  /** What goes on to the server of what the caller said; `answer` tells the caller something else. */
  said(bytes: Buffer, answer: (bytes: Buffer) => void): Buffer | undefined;
  /** What goes on to the caller; `broken`: the connection ends after it. */
  answered(bytes: Buffer): { readonly bytes: Buffer; readonly broken?: boolean };
}

/** `lie` is the wrong answer to be given now. */
export type MakeWire = (lie: () => Lie | undefined) => Wire;

/** Who speaks TLS is heard in between: the proxy has a certificate of its own, and knows the server's authority. */
export interface ProxyTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly serverCa: Buffer;
}

const plainWire: MakeWire = () => ({ said: (bytes) => bytes, answered: (bytes) => ({ bytes }) });
const DRIP_MS = 100;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly wire: Wire;
  /** Nothing of it arrives any more, in either direction: what a lost entry of a middlebox does. */
  isDead: boolean;
  /** What waits for its turn on a slow line. */
  readonly waiting: Buffer[];
}

/** Stays at one port for its whole life. */
export class TroubleProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #makeWire: MakeWire;
  readonly #tls: ProxyTls | undefined;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #lie: Lie | undefined;
  #cutAfter: number | undefined;
  #swallows = false;
  #drip: NodeJS.Timeout | undefined;

  private constructor(target: number, makeWire: MakeWire, tls: ProxyTls | undefined) {
    this.#target = target;
    this.#makeWire = makeWire;
    this.#tls = tls;
    const join = (socket: Socket): void => this.#join(socket);
    this.#server = tls === undefined ? createServer(join) : createTlsServer({ cert: tls.cert, key: tls.key }, join);
  }

  /** `target` is a port on 127.0.0.1. */
  static async before(target: number, makeWire: MakeWire = plainWire, tls?: ProxyTls): Promise<TroubleProxy> {
    const proxy = new TroubleProxy(target, makeWire, tls);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Ends every connection, and takes new ones at once. */
  reset(): void {
    for (const pair of Array.from(this.#pairs)) this.#end(pair);
  }

  /** Every connection ends after so many bytes of answers, wherever that is. */
  cutAfter(bytes: number): void {
    this.#cutAfter = bytes;
  }

  /** Connections that are there never move again, and new ones are taken and not heard, until `mend`. */
  halfOpen(): void {
    this.#swallows = true;
    for (const pair of this.#pairs) pair.isDead = true;
  }

  /** Answers come at one byte in so many milliseconds, on each connection. */
  slow(msPerByte: number): void {
    this.#drip = setInterval(
      () => this.#letDrip(Math.max(1, Math.round(DRIP_MS / msPerByte))),
      Math.max(DRIP_MS, msPerByte),
    );
  }

  /** Answers are wrong, beginning with new connections: those that are there end. */
  lie(lie: Lie): void {
    this.#lie = lie;
    this.reset();
  }

  /** No more trouble. What was lost stays lost. */
  mend(): void {
    this.#lie = undefined;
    this.#cutAfter = undefined;
    this.#swallows = false;
    clearInterval(this.#drip);
    this.#drip = undefined;
    for (const pair of this.#pairs) for (const bytes of pair.waiting.splice(0)) pair.near.write(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mend();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.reset();
    await closed;
  }

  #join(near: Socket): void {
    const far = this.#connect();
    const wire = this.#makeWire(() => this.#lie);
    const pair: Pair = { near, far, wire, isDead: this.#swallows, waiting: [] };
    let answered = 0;
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      // Of a dead connection nobody hears, not even its end.
      socket.on("close", () => (pair.isDead && socket === far ? undefined : this.#end(pair)));
    }
    near.on("data", (bytes: Buffer) => {
      if (pair.isDead) return;
      const on = wire.said(bytes, (answer) => this.#answer(pair, { bytes: answer }));
      if (on !== undefined) far.write(on);
    });
    far.on("data", (bytes: Buffer) => {
      if (pair.isDead) return;
      const answer = wire.answered(bytes);
      const left = (this.#cutAfter ?? Infinity) - answered;
      answered += bytes.length;
      this.#answer(pair, left < answer.bytes.length ? { bytes: answer.bytes.subarray(0, left), broken: true } : answer);
    });
  }

  #connect(): Socket {
    const to = { host: "127.0.0.1", port: this.#target };
    return this.#tls === undefined ? connect(to) : connectTls({ ...to, ca: this.#tls.serverCa });
  }

  #answer(pair: Pair, { bytes, broken = false }: { readonly bytes: Buffer; readonly broken?: boolean }): void {
    if (this.#drip !== undefined) return void pair.waiting.push(bytes);
    pair.near.write(bytes, () => {
      if (broken) this.#end(pair);
    });
  }

  #letDrip(count: number): void {
    for (const { waiting, near } of this.#pairs) {
      const first = waiting.shift();
      if (first === undefined) continue;
      near.write(first.subarray(0, count));
      if (first.length > count) waiting.unshift(first.subarray(count));
    }
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair);
    for (const socket of [pair.near, pair.far]) {
      // A socket that has said its end cannot be reset any more.
      if (socket.writableEnded || socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}
