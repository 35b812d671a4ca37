/** A network in memory for servers and clients of any protocol: what one end writes the other hears a turn of the loop later. */
import { Duplex } from "node:stream";
import type { Dialer } from "../../src/base/dialer.ts";

/** Takes a connection as a server of Node's does. */
export type Accept = (socket: Duplex) => void;

interface Failing extends Error {
  readonly code: string;
}

const failing = (code: string, message: string): Failing => Object.assign(new Error(message), { code });
const reset = (): Failing => failing("ECONNRESET", "read ECONNRESET");

/** One end of a connection: as much of a socket as Node's HTTP asks for. */
class WireEnd extends Duplex {
  readonly #wire: Wire;
  peer: WireEnd | undefined;
  /** Bytes that it may still send, before the connection is cut in their middle. */
  cutsAfter: number | undefined;

  constructor(wire: Wire) {
    super({ allowHalfOpen: false });
    this.#wire = wire;
    this.on("error", () => undefined);
  }

  /** Its last words arrive; what was not read any more does not matter. */
  resetAndDestroy(): this {
    this.#wire.reset();
    return this;
  }

  setNoDelay = (): this => this;
  setKeepAlive = (): this => this;
  setTimeout = (): this => this;
  ref = (): this => this;
  unref = (): this => this;

  override _read(): void {
    // Whatever is heard is handed on at once.
  }

  override _write(chunk: Buffer, _encoding: string, written: (error?: Error) => void): void {
    const left = this.cutsAfter;
    if (left === undefined) this.#wire.send(this, chunk);
    else {
      this.#wire.send(this, chunk.subarray(0, left));
      this.#wire.reset();
    }
    written();
  }

  override _final(done: (error?: Error) => void): void {
    this.#wire.send(this, undefined);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#wire.send(this, undefined);
    this.#wire.left();
    done(error);
  }

  hear(chunk: Buffer | undefined): void {
    if (this.destroyed || this.readableEnded) return;
    this.push(chunk ?? null);
  }
}

/** Both ends of one connection, and what is on its way between them. */
class Wire {
  readonly client: WireEnd;
  readonly server: WireEnd;
  readonly host: MemoryHost;
  readonly #network: MemoryNetwork;
  #underway: (() => void)[] = [];
  #isPlanned = false;
  #left = 0;

  constructor(host: MemoryHost, network: MemoryNetwork) {
    this.host = host;
    this.#network = network;
    this.client = new WireEnd(this);
    this.server = new WireEnd(this);
    this.client.peer = this.server;
    this.server.peer = this.client;
  }

  send(from: WireEnd, chunk: Buffer | undefined): void {
    if (from === this.client && !this.host.mayStillSend()) return;
    // Whoever wrote it may use its buffer again.
    const copy = chunk && Buffer.from(chunk);
    this.#underway.push(() => from.peer?.hear(copy));
    this.plan();
  }

  /** What is under way arrives at the next turn, or when the host is not stalled any more. */
  plan(): void {
    if (this.#isPlanned || this.host.isStalled || this.#underway.length === 0) return;
    this.#isPlanned = true;
    this.#network.underway++;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#network.underway--;
      this.#network.arrivals++;
      for (const arrive of this.#underway.splice(0)) arrive();
    });
  }

  reset(): void {
    this.client.destroy(reset());
    this.server.destroy(reset());
  }

  left(): void {
    if (++this.#left === 2) this.#network.wires.delete(this);
  }
}

/** Where one daemon runs. */
export class MemoryHost {
  readonly #network: MemoryNetwork;
  #isDead = false;
  #isStalled = false;
  /** How often it may still send before it dies. */
  #sendsLeft = Infinity;

  constructor(network: MemoryNetwork) {
    this.#network = network;
  }

  readonly dial: Dialer = {
    connect: async (_host, port, _options, signal) => {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => aborted.reject(signal.reason as Error), { once: true });
      aborted.promise.catch(() => undefined);
      if (this.#isStalled) return aborted.promise;
      const accept = this.#isDead ? undefined : this.#network.accepting.get(port);
      this.#network.arrivals++;
      if (!accept) throw failing("ECONNREFUSED", `connect ECONNREFUSED 127.0.0.1:${port}`);
      const wire = new Wire(this, this.#network);
      this.#network.wires.add(wire);
      accept(wire.server);
      return wire.client;
    },
  };

  get isDead(): boolean {
    return this.#isDead;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** The process ends: its system ends its connections, and what it had handed over before arrives. */
  die(): void {
    this.#isDead = true;
    this.#isStalled = false;
    for (const wire of this.#wires()) {
      wire.plan();
      wire.client.destroy(reset());
      wire.server.hear(undefined);
    }
  }

  dieAfter(sends: number): void {
    this.#sendsLeft = sends;
  }

  /** Nothing arrives, and nobody is told, until it is over. */
  stall(stalls: boolean): void {
    this.#isStalled = stalls && !this.#isDead;
    for (const wire of this.#wires()) wire.plan();
  }

  mayStillSend(): boolean {
    if (this.#isDead) return false;
    if (this.#sendsLeft-- > 0) return true;
    this.die();
    return false;
  }

  #wires(): readonly Wire[] {
    return [...this.#network.wires].filter(({ host }) => host === this);
  }
}

export class MemoryNetwork {
  readonly accepting = new Map<number, Accept>();
  readonly wires = new Set<Wire>();
  /** How often something arrived, so that who waits sees whether all is quiet. */
  arrivals = 0;
  underway = 0;

  /** The servers' next answer to somebody, at any of their connections, is cut in its middle. */
  cutNext(pick: (of: number) => number): void {
    const all = [...this.wires];
    const wire = all[pick(all.length)];
    if (wire) wire.server.cutsAfter = pick(200);
  }
}
