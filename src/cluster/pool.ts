/** The connections to one endpoint: reused last in, first out; who finds none free waits in a bounded line. */
import type { Address } from "../base/address.ts";
import { type Failure, failure, failures } from "../base/failure.ts";
import type { Clock } from "../base/time.ts";
import type { Exchange, Responder } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Connection, ConnectionOwner, Transport } from "../http/transport.ts";
import { closeQuietly, Dial, type DialEnd } from "./dial.ts";
import { PooledConnection } from "./pooled-connection.ts";
import type { ClusterSlots, Departure } from "./slots.ts";
import { WaitLine } from "./wait-line.ts";

export interface PoolOptions {
  /** So many connections are kept however long they are idle. */
  readonly minSize: number;
  readonly maxSize: number;
  readonly maxWaiters: number;
  /** How long a connection above `minSize` may be idle; `Infinity`: until the other side closes it. */
  readonly idleTimeMs: number;
  /** A connection older than this closes after its exchange. */
  readonly lifeTimeMs: number;
  readonly connectTimeoutMs: number;
  /** How long an exchange waits for a connection. */
  readonly waitMs: number;
}

export interface PoolContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly slots: ClusterSlots;
  readonly departure: Departure | undefined;
}

/** The endpoint that a pool works for: attempts answer to it, and it hears how its connects end. */
export interface PoolHost extends Responder {
  readonly address: Address;
  connected(): void;
  connectFailed(): void;
}

/** Who has waited that long is not sent to wait elsewhere. */
const notFree: Failure = Object.freeze({
  ...failures["connect.timeout"],
  flags: new Set(["timeout"] as const),
  message: "No connection to an endpoint was free in time.",
});

export class Pool implements ConnectionOwner, DialEnd {
  readonly #options: PoolOptions;
  readonly #context: PoolContext;
  readonly #host: PoolHost;
  readonly #line: WaitLine;
  readonly #slots = new Map<Connection, PooledConnection>();
  readonly #dials = new Set<Dial>();
  /** A stack: the most recently used is on top. */
  readonly #available: PooledConnection[] = [];
  #reaper: Disposable | undefined;
  #closed = false;

  constructor(options: PoolOptions, context: PoolContext, host: PoolHost) {
    this.#options = options;
    this.#context = context;
    this.#host = host;
    const line = { clock: context.clock, capacity: options.maxWaiters, waitMs: options.waitMs };
    this.#line = new WaitLine({ ...line, late: notFree }, host);
  }

  get waiting(): number {
    return this.#line.size;
  }
  get open(): number {
    return this.#slots.size;
  }
  get idle(): number {
    let idle = 0;
    for (const slot of this.#slots.values()) if (slot.inFlight === 0) idle++;
    return idle;
  }

  /** Sends the exchange on a free connection, or parks it until there is one. */
  dispatch(x: Exchange): void {
    const slot = this.#checkout();
    if (slot !== undefined) return this.#send(x, slot);
    if (this.#closed) return fail(this.#host, x, failures["connect.failed"]);
    if (!this.#line.park(x)) return fail(this.#host, x, failures["cluster.overloaded"]);
    this.#grow();
  }

  /** The attempt is over: what it was on may be reused or retired. Called once for each dispatch. */
  release(x: Exchange, now: number): void {
    const at = this.#context.slots.connection;
    const slot = x.values[at] as PooledConnection | undefined;
    if (slot === undefined) return;
    x.values[at] = undefined;
    slot.inFlight--;
    if (slot.inFlight > 0) return;
    slot.idleSince = now;
    if (now - slot.bornAt >= this.#options.lifeTimeMs) this.#discard(slot);
    else if (this.#reaper === undefined && this.#options.idleTimeMs !== Infinity) this.#reapLater();
  }

  /** Opens a connection that nobody waits for, to see whether one can be made. */
  probe(): void {
    if (this.#closed) return;
    if (this.#dials.size > 0) return;
    this.#dial();
  }

  freed(connection: Connection): void {
    const slot = this.#slots.get(connection);
    if (slot !== undefined) this.#serve(slot);
  }

  closed(connection: Connection): void {
    const slot = this.#slots.get(connection);
    if (slot === undefined) return;
    this.#forget(slot);
    this.#grow();
  }

  dialled(dial: Dial, connection: Connection): void {
    this.#dials.delete(dial);
    const slot = new PooledConnection(connection, this.#context.clock.now());
    this.#slots.set(connection, slot);
    this.#host.connected();
    this.#serve(slot);
    if (this.#reaper === undefined && this.#options.idleTimeMs !== Infinity) this.#reapLater();
    this.#grow();
  }

  failed(dial: Dial, why: Failure): void {
    this.#dials.delete(dial);
    this.#host.connectFailed();
    if (this.#slots.size === 0 && this.#dials.size === 0) this.#line.failAll(why);
    else if (this.#line.size > this.#dials.size) this.#failFirst(why);
    this.#grow();
  }

  /** Closes every connection; whoever still waits fails, known not to have been sent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#reaper?.[Symbol.dispose]();
    this.#reaper = undefined;
    for (const dial of this.#dials) dial.cancel();
    this.#dials.clear();
    this.#line.failAll(failure("connect.failed", "The endpoint left the set before a connection was free."));
    const connections = [...this.#slots.keys()];
    await Promise.allSettled(connections.map((connection) => connection[Symbol.asyncDispose]()));
    for (const slot of this.#slots.values()) this.#forget(slot);
  }

  #checkout(): PooledConnection | undefined {
    const stack = this.#available;
    while (stack.length > 0) {
      const slot = stack[stack.length - 1] as PooledConnection;
      const { status, free } = slot.connection;
      if (status === "open" && free > 0 && !this.#retires(slot)) return slot;
      stack.pop();
      slot.available = false;
      if (status === "closed") this.#discard(slot);
    }
    return undefined;
  }

  /** `slot` is on top of the stack, or not in it. */
  #send(x: Exchange, slot: PooledConnection): void {
    if (slot.available && slot.connection.free <= 1) {
      this.#available.pop();
      slot.available = false;
    }
    slot.inFlight++;
    x.values[this.#context.slots.connection] = slot;
    this.#context.departure?.departing(x);
    slot.connection.send(x, this.#host);
  }

  #serve(slot: PooledConnection): void {
    if (slot.available && this.#line.size > 0) this.#unstack(slot);
    while (this.#usable(slot) && this.#line.size > 0) this.#send(this.#line.take() as Exchange, slot);
    if (slot.available || !this.#usable(slot)) return;
    slot.available = true;
    this.#available.push(slot);
  }

  #usable(slot: PooledConnection): boolean {
    const { status, free } = slot.connection;
    return status === "open" && free > 0 && this.#slots.has(slot.connection) && !this.#retires(slot);
  }

  /** Whether it is too old for more than what is on it: with something always on it, it would live for ever. */
  #retires(slot: PooledConnection): boolean {
    const { lifeTimeMs } = this.#options;
    return slot.inFlight > 0 && lifeTimeMs !== Infinity && this.#context.clock.now() - slot.bornAt >= lifeTimeMs;
  }

  /** Opens what those who wait need: a connection each where one carries one exchange, else one at a time. */
  #grow(): void {
    if (this.#closed) return;
    const waiting = this.#line.size;
    const wanted = this.#context.transport.protocol === "h2" ? Math.min(1, waiting) : waiting;
    while (this.#dials.size < wanted && this.#slots.size + this.#dials.size < this.#options.maxSize) this.#dial();
  }

  #dial(): void {
    const { transport, clock } = this.#context;
    const options = { transport, clock, timeoutMs: this.#options.connectTimeoutMs };
    this.#dials.add(new Dial(options, this.#host.address, this, this));
  }

  #failFirst(why: Failure): void {
    const x = this.#line.take();
    if (x) fail(this.#host, x, why);
  }

  #discard(slot: PooledConnection): void {
    this.#forget(slot);
    closeQuietly(slot.connection);
  }

  #forget(slot: PooledConnection): void {
    this.#slots.delete(slot.connection);
    this.#unstack(slot);
  }

  #unstack(slot: PooledConnection): void {
    if (!slot.available) return;
    slot.available = false;
    this.#available.splice(this.#available.indexOf(slot), 1);
  }

  #reapLater(): void {
    const { clock } = this.#context;
    let oldest = Infinity;
    for (const slot of this.#slots.values()) if (slot.inFlight === 0) oldest = Math.min(oldest, slot.idleSince);
    if (this.#closed || oldest === Infinity || this.#slots.size <= this.#options.minSize) return;
    const wait = Math.max(1, oldest + this.#options.idleTimeMs - clock.now());
    this.#reaper = clock.timer(wait, () => this.#reap());
  }

  #reap(): void {
    this.#reaper = undefined;
    const due = this.#context.clock.now() - this.#options.idleTimeMs;
    for (const slot of this.#slots.values()) {
      if (this.#slots.size <= this.#options.minSize) break;
      if (slot.inFlight === 0 && slot.idleSince <= due) this.#discard(slot);
    }
    this.#reapLater();
  }
}
