/** A way upstream without sockets: a test says who accepts, who answers, and who breaks off. */
import { type Address, addressKey } from "../../src/base/address.ts";
import { type Failure, failures } from "../../src/base/failure.ts";
import { type BodySource, noBody } from "../../src/http/body.ts";
import type { Exchange, Holder, Responder } from "../../src/http/exchange.ts";
import type { Connection, ConnectionOwner, Status, Transport } from "../../src/http/transport.ts";

export type Listening = "accepts" | "refuses" | "hangs";

interface Dialling {
  readonly key: string;
  accept(): void;
}

export class FakeTransport implements Transport {
  readonly protocol: Transport["protocol"];
  /** How many exchanges one connection carries at once. */
  readonly streams: number;
  /** By `host:port`; who is not in it accepts. */
  readonly listening = new Map<string, Listening>();
  /** Every connect that was tried, by `host:port`. */
  readonly dialled: string[] = [];
  readonly connections = new Set<FakeConnection>();
  readonly hanging = new Set<Dialling>();

  constructor(protocol: Transport["protocol"] = "http/1.1", streams = 1) {
    this.protocol = protocol;
    this.streams = streams;
  }

  connect(address: Address, owner: ConnectionOwner, signal: AbortSignal): Promise<Connection> {
    const key = addressKey(address);
    this.dialled.push(key);
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const accept = (): void => {
      this.hanging.delete(dialling);
      if (signal.aborted) return;
      const connection = new FakeConnection(key, this, owner);
      this.connections.add(connection);
      resolve(connection);
    };
    const dialling: Dialling = { key, accept };
    const listening = this.listening.get(key) ?? "accepts";
    if (listening === "accepts") accept();
    else if (listening === "refuses")
      reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
    else this.hanging.add(dialling);
    signal.addEventListener("abort", () => {
      this.hanging.delete(dialling);
      reject(new Error("aborted"));
    });
    return promise;
  }

  /** The connections that have an exchange. */
  get busy(): FakeConnection[] {
    return [...this.connections].filter((connection) => connection.attempts.size > 0);
  }

  /** The connection that the exchange is on. */
  of(x: Exchange): FakeConnection {
    const found = [...this.connections].find((connection) => connection.attempts.has(x));
    if (!found) throw new Error("the exchange is on no connection");
    return found;
  }
}

interface Attempt {
  readonly back: Responder;
  answered: boolean;
}

/** Honest: every event of an attempt that is over, or was given up, is ignored. */
export class FakeConnection implements Connection, Holder {
  readonly key: string;
  readonly attempts = new Map<Exchange, Attempt>();
  readonly #transport: FakeTransport;
  readonly #owner: ConnectionOwner;
  #open = true;
  sent = 0;

  constructor(key: string, transport: FakeTransport, owner: ConnectionOwner) {
    this.key = key;
    this.#transport = transport;
    this.#owner = owner;
  }

  get status(): Status {
    if (!this.#open) return "closed";
    return this.free > 0 ? "open" : "busy";
  }

  get free(): number {
    return this.#open ? this.#transport.streams - this.attempts.size : 0;
  }

  send(x: Exchange, back: Responder): void {
    if (this.free === 0) throw new Error("an exchange was sent on a connection that cannot take it");
    this.sent++;
    this.attempts.set(x, { back, answered: false });
    x.holder = this;
    x.sent = true;
  }

  /** The head of the answer; `body` says whether more comes before `end`. */
  answer(x: Exchange, status = 200, body: BodySource = noBody): void {
    const attempt = this.attempts.get(x);
    if (!attempt || attempt.answered) return;
    attempt.answered = true;
    x.response.status = status;
    x.responseBody = body;
    attempt.back.respond(x);
  }

  /** Both directions of an answered exchange are over. */
  end(x: Exchange): void {
    const attempt = this.attempts.get(x);
    if (!attempt?.answered) return;
    this.attempts.delete(x);
    x.holder = undefined;
    this.#owner.freed(this);
    attempt.back.finish(x);
  }

  reply(x: Exchange, status = 200): void {
    this.answer(x, status);
    this.end(x);
  }

  /** Breaks one exchange off; where one connection carries one exchange, it goes with it. */
  fail(x: Exchange, failure: Failure): void {
    const attempt = this.attempts.get(x);
    if (!attempt) return;
    if (this.#transport.streams === 1) this.#open = false;
    x.failure = failure;
    if (!attempt.answered) {
      attempt.answered = true;
      attempt.back.respond(x);
    }
    this.#over(x, attempt);
  }

  cancel(x: Exchange, failure: Failure): void {
    this.fail(x, failure);
  }

  abandon(x: Exchange): void {
    const attempt = this.attempts.get(x);
    if (!attempt) return;
    if (this.#transport.streams === 1) this.#open = false;
    this.#over(x, attempt);
  }

  /** The other side closes. */
  cut(): void {
    this.#open = false;
    for (const x of this.attempts.keys()) this.fail(x, failures["upstream.reset"]);
    this.#gone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
  }

  #over(x: Exchange, attempt: Attempt): void {
    // Somebody above may have given the attempt up while it was answered.
    if (this.attempts.get(x) !== attempt) return;
    this.attempts.delete(x);
    x.holder = undefined;
    if (!this.#open) this.#gone();
    attempt.back.finish(x);
    if (this.#open) this.#owner.freed(this);
  }

  #gone(): void {
    if (this.#transport.connections.delete(this)) this.#owner.closed(this);
  }
}
