/** The connections to one endpoint: reused last in, first out; who finds none free waits in a bounded line. */
import type { Address } from "../base/address.ts";
import { type Failure, failure, failures } from "../base/failure.ts";
import type { Exchange, Responder } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Connection, ConnectionOwner } from "../http/transport.ts";
import { newConnectionLine } from "./connection-line.ts";
import { ConnectionStack } from "./connection-stack.ts";
import { closeQuietly, Dial, type DialEnd } from "./dial.ts";
import type { PoolKit } from "./pool-kit.ts";
import { PooledConnection } from "./pooled-connection.ts";
import type { WaitLine } from "./wait-line.ts";

/** The endpoint that a pool works for: attempts answer to it, and it hears how its connects end. */
export interface PoolHost extends Responder {
  readonly address: Address;
  connected(): void;
  connectFailed(): void;
}

/** Without connections and exchanges it keeps nothing but itself. */
export class Pool implements ConnectionOwner, DialEnd {
  readonly #kit: PoolKit;
  readonly #host: PoolHost;
  #line: WaitLine | undefined;
  #slots: Map<Connection, PooledConnection> | undefined;
  #dials: Set<Dial> | undefined;
  readonly #stack = new ConnectionStack();
  #reaper: Disposable | undefined;
  #closed = false;

  constructor(kit: PoolKit, host: PoolHost) {
    this.#kit = kit;
    this.#host = host;
  }

  get waiting(): number {
    return this.#line?.size ?? 0;
  }
  get open(): number {
    return this.#slots?.size ?? 0;
  }
  get isEmpty(): boolean {
    return this.open === 0 && this.#dialling === 0 && this.waiting === 0;
  }
  get idle(): number {
    let idle = 0;
    for (const slot of this.#slots?.values() ?? []) if (slot.inFlight === 0) idle++;
    return idle;
  }

  /** Sends the exchange on a free connection, or parks it until there is one. `now` saves a look at the clock. */
  dispatch(x: Exchange, now?: number): void {
    const slot = this.#checkout();
    if (slot !== undefined) return this.#send(x, slot, now);
    if (this.#closed) return fail(this.#host, x, failures["connect.failed"]);
    this.#line ??= newConnectionLine(this.#kit, this.#host);
    if (!this.#mayWait || !this.#line.park(x)) return fail(this.#host, x, failures["cluster.overloaded"]);
    this.#grow();
  }

  /** The attempt is over: what it was on may be reused or retired. Called once for each dispatch. */
  release(x: Exchange, now: number): void {
    const at = this.#kit.slots.connection;
    const slot = x.values[at] as PooledConnection | undefined;
    if (slot === undefined) return;
    x.values[at] = undefined;
    slot.inFlight--;
    if (slot.inFlight > 0) return;
    slot.idleSince = now;
    if (now - slot.bornAt >= this.#kit.pool.lifeTimeMs) this.#discard(slot);
    else if (this.#reaper === undefined && this.#kit.pool.idleTimeMs !== Infinity) this.#reapLater();
  }

  /** Opens a connection that nobody waits for, to see whether one can be made. */
  probe(): void {
    if (this.#closed) return;
    if (this.#dials !== undefined) return;
    this.#dial();
  }

  freed(connection: Connection): void {
    const slot = this.#slots?.get(connection);
    if (slot !== undefined) this.#serve(slot);
  }

  closed(connection: Connection): void {
    const slot = this.#slots?.get(connection);
    if (slot === undefined) return;
    this.#forget(slot);
    this.#grow();
  }

  dialled(dial: Dial, connection: Connection): void {
    this.#ended(dial);
    const slot = new PooledConnection(connection, this.#kit.clock.now());
    this.#slots ??= new Map();
    this.#slots.set(connection, slot);
    this.#host.connected();
    this.#serve(slot);
    if (this.#reaper === undefined && this.#kit.pool.idleTimeMs !== Infinity) this.#reapLater();
    this.#grow();
  }

  failed(dial: Dial, why: Failure): void {
    this.#ended(dial);
    this.#host.connectFailed();
    if (this.open === 0 && this.#dialling === 0) this.#line?.failAll(why);
    else if (this.waiting > this.#dialling) this.#failFirst(why);
    this.#grow();
    this.#rest();
  }

  /** Closes the connections that carry nothing, down to the least that are kept. */
  closeIdle(): void {
    this.#closeIdleSince(Infinity);
  }

  /** Closes every connection; whoever still waits fails, known not to have been sent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#reaper?.[Symbol.dispose]();
    this.#reaper = undefined;
    for (const dial of this.#dials ?? []) dial.cancel();
    this.#dials = undefined;
    this.#line?.failAll(failure("connect.failed", "The endpoint left the set before a connection was free."));
    const connections = [...(this.#slots?.keys() ?? [])];
    await Promise.allSettled(connections.map((connection) => connection[Symbol.asyncDispose]()));
    for (const slot of this.#slots?.values() ?? []) this.#forget(slot);
  }

  #checkout(): PooledConnection | undefined {
    for (let slot = this.#stack.top; slot !== undefined; slot = this.#stack.top) {
      const { status, free } = slot.connection;
      if (status === "open" && free > 0 && !this.#retires(slot)) return slot;
      this.#stack.remove(slot);
      if (status === "closed") this.#discard(slot);
    }
    return undefined;
  }

  #send(x: Exchange, slot: PooledConnection, now?: number): void {
    if (slot.isStacked && slot.connection.free <= 1) this.#stack.remove(slot);
    slot.inFlight++;
    x.values[this.#kit.slots.connection] = slot;
    this.#kit.departure?.departing(x, now);
    slot.connection.send(x, this.#host);
  }

  #serve(slot: PooledConnection): void {
    const line = this.#line;
    if (line !== undefined && line.size > 0) {
      this.#stack.remove(slot);
      while (this.#usable(slot) && line.size > 0) this.#send(line.take() as Exchange, slot);
    }
    if (!slot.isStacked && this.#usable(slot)) this.#stack.push(slot);
  }

  #usable(slot: PooledConnection): boolean {
    const { status, free } = slot.connection;
    return status === "open" && free > 0 && slot.isKept && !this.#retires(slot);
  }

  /** Whether it is too old for more than what is on it: with something always on it, it would live for ever. */
  #retires(slot: PooledConnection): boolean {
    const { lifeTimeMs } = this.#kit.pool;
    return slot.inFlight > 0 && lifeTimeMs !== Infinity && this.#kit.clock.now() - slot.bornAt >= lifeTimeMs;
  }

  /** Whether one more may wait: where a connection can be opened for it, and else as long as few enough do. */
  get #mayWait(): boolean {
    const { maxSize, maxWaiters } = this.#kit.pool;
    const room = maxSize - this.open;
    const opensForAll = room > 0 && this.#kit.transport.protocol === "h2";
    return opensForAll || this.waiting - room < maxWaiters;
  }

  /** Opens what those who wait need: a connection each where one carries one exchange, else one at a time. */
  #grow(): void {
    if (this.#closed) return;
    const { waiting } = this;
    const wanted = this.#kit.transport.protocol === "h2" ? Math.min(1, waiting) : waiting;
    while (this.#dialling < wanted && this.open + this.#dialling < this.#kit.pool.maxSize) this.#dial();
  }

  get #dialling(): number {
    return this.#dials?.size ?? 0;
  }

  #dial(): void {
    const { transport, clock, pool } = this.#kit;
    const options = { transport, clock, timeoutMs: pool.connectTimeoutMs };
    this.#dials ??= new Set();
    this.#dials.add(new Dial(options, this.#host.address, this, this));
  }

  #ended(dial: Dial): void {
    this.#dials?.delete(dial);
    if (this.#dials?.size === 0) this.#dials = undefined;
  }

  /** Lets go of what an endpoint does not need that nobody is at. */
  #rest(): void {
    if (this.#slots?.size === 0) this.#slots = undefined;
    if (this.#slots === undefined && this.#dials === undefined && this.waiting === 0) this.#line = undefined;
  }

  #failFirst(why: Failure): void {
    const x = this.#line?.take();
    if (x) fail(this.#host, x, why);
  }

  #discard(slot: PooledConnection): void {
    this.#forget(slot);
    closeQuietly(slot.connection);
  }

  #forget(slot: PooledConnection): void {
    slot.isKept = false;
    this.#slots?.delete(slot.connection);
    this.#stack.remove(slot);
    this.#rest();
  }

  #reapLater(): void {
    const { clock, pool } = this.#kit;
    const slots = this.#slots?.values() ?? [];
    let oldest = Infinity;
    for (const slot of slots) if (slot.inFlight === 0) oldest = Math.min(oldest, slot.idleSince);
    if (this.#closed || oldest === Infinity || this.open <= pool.minSize) return;
    const wait = Math.max(1, oldest + pool.idleTimeMs - clock.now());
    this.#reaper = clock.timer(wait, () => this.#reap());
  }

  #reap(): void {
    this.#reaper = undefined;
    this.#closeIdleSince(this.#kit.clock.now() - this.#kit.pool.idleTimeMs);
    this.#reapLater();
  }

  #closeIdleSince(due: number): void {
    for (const slot of this.#slots?.values() ?? []) {
      if (this.open <= this.#kit.pool.minSize) break;
      if (slot.inFlight === 0 && slot.idleSince <= due) this.#discard(slot);
    }
  }
}
