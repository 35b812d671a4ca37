/** Checks an endpoint over a connection of its own, made as those of its cluster are. */
import type { Address } from "../../base/address.ts";
import type { Failure } from "../../base/failure.ts";
import { failures } from "../../base/failure.ts";
import type { Clock } from "../../base/time.ts";
import type { BodySink } from "../../http/body.ts";
import type { Exchange, Layout, Responder } from "../../http/exchange.ts";
import { ownExchange } from "../../http/own-exchange.ts";
import type { Connection, ConnectionOwner, Transport } from "../../http/transport.ts";
import { closeQuietly, Dial, type DialEnd } from "../dial.ts";
import type { Checker, CheckResult } from "./check.ts";
import type { Question } from "./question.ts";

export interface TransportCheckerParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly layout: Layout;
  readonly timeoutMs: number;
  /** Without one, a connection that is made passes. */
  readonly question?: Question;
}

/** What an answer may have, which only says how its sender is. */
const MOST_BYTES = 64 * 1024;

/** A timer that fires so much later than it was due tells of this process: what came meanwhile is not read yet. */
const LATE_MS = 100;

/** The host had nothing left to make a connection with. */
const OURS: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EADDRNOTAVAIL"]);

export class TransportChecker implements Checker {
  readonly #parts: TransportCheckerParts;

  constructor(parts: TransportCheckerParts) {
    this.#parts = parts;
  }

  check(address: Address, signal: AbortSignal): Promise<CheckResult> {
    return new Promise((resolve) => void new Check(this.#parts, address, signal, resolve));
  }
}

/** One check, until the first end of it. */
class Check implements DialEnd, ConnectionOwner, Responder, BodySink {
  readonly #parts: TransportCheckerParts;
  readonly #address: Address;
  readonly #signal: AbortSignal;
  readonly #done: (result: CheckResult) => void;
  readonly #timer: Disposable;
  readonly #dial: Dial;
  #connection: Connection | undefined;
  #x: Exchange | undefined;
  #body: Buffer[] = [];
  #size = 0;
  #isOver = false;

  constructor(parts: TransportCheckerParts, address: Address, signal: AbortSignal, done: (r: CheckResult) => void) {
    const { clock, timeoutMs, transport } = parts;
    this.#parts = parts;
    this.#address = address;
    this.#signal = signal;
    this.#done = done;
    const dueAt = clock.now() + timeoutMs;
    this.#timer = clock.timer(timeoutMs, () => this.#late(clock.now() - dueAt));
    // Our own time is over first.
    this.#dial = new Dial({ transport, clock, timeoutMs: timeoutMs * 2 }, address, this, this);
    signal.addEventListener("abort", this.#stopped, { once: true });
    if (signal.aborted) this.#stopped();
  }

  dialled(_dial: Dial, connection: Connection): void {
    this.#connection = connection;
    const { question, layout } = this.#parts;
    if (question === undefined) return this.#end({ outcome: "passed", answer: "connected" });
    const x = ownExchange(question.request(this.#address), layout);
    this.#x = x;
    connection.send(x, this);
  }

  failed(_dial: Dial, failure: Failure): void {
    this.#end(resultOf(failure));
  }

  respond(x: Exchange): void {
    if (this.#isOver) return;
    if (x.failure !== undefined) return this.#end(resultOf(x.failure));
    const judged = this.#parts.question?.judgeHead(x);
    if (judged !== undefined) this.#end(judged);
    else x.responseBody.pipe(this);
  }

  finish(x: Exchange): void {
    if (this.#isOver) return;
    if (x.broken !== undefined) return this.#end(resultOf(x.broken));
    const { question } = this.#parts;
    if (question !== undefined) this.#end(question.judge(x, Buffer.concat(this.#body)));
  }

  chunk(bytes: Uint8Array): boolean {
    this.#size += bytes.length;
    if (this.#size <= MOST_BYTES) this.#body.push(Buffer.from(bytes));
    else if (!this.#isOver) this.#end({ outcome: "failed", answer: `more than ${MOST_BYTES} bytes` });
    return true;
  }

  end(): void {
    // `finish` follows.
  }

  fail(): void {
    // `finish` follows.
  }

  flush(): void {
    // Nothing is gathered for anybody.
  }

  freed(): void {
    // It is used once.
  }

  closed(): void {
    // What was on it has been told.
  }

  readonly #stopped = (): void => this.#end({ outcome: "unknown", answer: "stopped" });

  #late(byMs: number): void {
    if (byMs > LATE_MS) return this.#end({ outcome: "unknown", answer: `not looked at for ${Math.round(byMs)} ms` });
    this.#end({ outcome: "failed", answer: `no answer in ${this.#parts.timeoutMs} ms` });
  }

  #end(result: CheckResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer[Symbol.dispose]();
    this.#signal.removeEventListener("abort", this.#stopped);
    this.#dial.cancel();
    this.#x?.cancel(failures["downstream.gone"]);
    if (this.#connection !== undefined) closeQuietly(this.#connection);
    this.#body = [];
    this.#done(result);
  }
}

function resultOf(failure: Failure): CheckResult {
  const code = systemCodeOf(failure.cause);
  if (OURS.has(code)) return { outcome: "unknown", answer: String(code) };
  return { outcome: "failed", answer: code ?? failure.code };
}

/** The system's name for what went wrong, such as ECONNREFUSED, at the bottom of what wraps it. */
function systemCodeOf(error: unknown): string | undefined {
  let found: string | undefined;
  for (let each = error; each instanceof Error; each = each.cause) {
    if ("code" in each && typeof each.code === "string" && /^E[A-Z]+$/.test(each.code)) found = each.code;
  }
  return found;
}
