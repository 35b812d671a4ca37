/** Planned calls at a bounded concurrency, and what was wrong with what came of them. */
import { type ClientDuplexStream, Metadata, status } from "@grpc/grpc-js";
import type { GrpcCaller } from "../fakes/grpc-peers.ts";
import { flawOf, message, PLAN, type Plan } from "./grpc-plans.ts";

export interface LoadReport {
  calls: number;
  messages: number;
  readonly byEnd: Record<Plan["end"], number>;
  readonly flaws: readonly string[];
  readonly latenciesMs: number[];
}

/** Two services through the same router, called over a connection of their own each. */
export interface CallerPair {
  readonly echo: GrpcCaller;
  readonly resetting: GrpcCaller;
}

export interface GrpcLoadOptions {
  readonly callers: readonly CallerPair[];
  readonly plan: () => Plan;
  readonly concurrency: number;
  readonly forMs: number;
  /** A call in which nothing moves for longer has stalled, however much of it is left. */
  readonly stallMs: number;
  /** What the backends found wrong. */
  readonly flaws: string[];
}

/** Runs calls for so long, then waits for those under way. */
export async function grpcLoad({
  callers,
  plan,
  concurrency,
  forMs,
  stallMs,
  flaws,
}: GrpcLoadOptions): Promise<LoadReport> {
  const byEnd = { ok: 0, error: 0, reset: 0, cancel: 0 };
  const report: LoadReport = { calls: 0, messages: 0, byEnd, flaws, latenciesMs: [] };
  const until = performance.now() + forMs;
  const lane = async ({ echo, resetting }: CallerPair): Promise<void> => {
    while (performance.now() < until) {
      const next = plan();
      const startedAt = performance.now();
      const found = await new PlannedCall(next.end === "reset" ? resetting : echo, next, stallMs).done;
      report.calls++;
      report.messages += found.messages;
      byEnd[next.end]++;
      report.latenciesMs.push(performance.now() - startedAt);
      flaws.push(...found.flaws.map((flaw) => `call ${next.id} (${JSON.stringify(next)}), at the caller: ${flaw}`));
    }
  };
  const lanes = Array.from({ length: concurrency }, (_, at) => lane(callers[at % callers.length] as CallerPair));
  await Promise.all(lanes);
  return report;
}

interface Found {
  readonly messages: number;
  readonly flaws: readonly string[];
}

/** One call, from its caller's side. */
class PlannedCall {
  readonly done: Promise<Found>;
  readonly #plan: Plan;
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  readonly #flaws: string[] = [];
  #sent = 0;
  #got = 0;
  #movedAt = performance.now();
  #hasLeft = false;

  constructor(caller: GrpcCaller, plan: Plan, stallMs: number) {
    this.#plan = plan;
    const metadata = new Metadata();
    metadata.set(PLAN, JSON.stringify(plan));
    this.#call = caller.startChat({ metadata });
    const { promise, resolve } = Promise.withResolvers<Found>();
    this.done = promise;
    const watchdog = setInterval(() => {
      if (performance.now() - this.#movedAt < stallMs) return;
      clearInterval(watchdog);
      this.#flaws.push(`stalled with ${this.#sent} sent and ${this.#got} back`);
      this.#call.cancel();
    }, stallMs / 10);
    this.#call.on("data", (bytes: Buffer) => this.#received(bytes));
    this.#call.on("error", () => undefined);
    this.#call.on("status", ({ code, details }) => {
      clearInterval(watchdog);
      this.#ended(code, details);
      resolve({ messages: this.#got, flaws: this.#flaws });
    });
    this.#send();
  }

  /** Sends what may be sent now. */
  #send(): void {
    const { id, up, size, inTurn, down } = this.#plan;
    this.#movedAt = performance.now();
    while (this.#sent < up) {
      if (inTurn && this.#got < this.#sent * down) return;
      if (!this.#call.write(message(id, this.#sent++, size)) && !inTurn) {
        return void this.#call.once("drain", () => this.#send());
      }
    }
    this.#call.end();
  }

  #received(bytes: Buffer): void {
    const { id, size, inTurn, end, up, down } = this.#plan;
    const flaw = flawOf(bytes, id, this.#got, size);
    if (flaw !== undefined) this.#flaws.push(flaw);
    this.#got++;
    this.#movedAt = performance.now();
    if (end === "cancel" && !this.#hasLeft && this.#got >= (up * down) / 2) {
      this.#hasLeft = true;
      this.#call.cancel();
    } else if (inTurn && this.#got === this.#sent * down) this.#send();
  }

  #ended(code: status, details: string): void {
    const { end, up, down, id } = this.#plan;
    if (end === "ok") {
      if (code !== status.OK) this.#flaws.push(`ended with ${code} ${details}`);
      if (this.#got !== up * down) this.#flaws.push(`${this.#got} of ${up * down} messages came back`);
    } else if (end === "error") {
      if (code !== status.ABORTED || details !== `as planned for ${id}`)
        this.#flaws.push(`ended with ${code} ${details}`);
      if (this.#got !== Math.ceil(up / 2) * down) this.#flaws.push(`${this.#got} messages came before the error`);
    } else if (end === "reset") {
      if (code !== status.UNAVAILABLE) this.#flaws.push(`was reset, and ended with ${code} ${details}`);
      if (this.#got > Math.ceil(up / 2)) this.#flaws.push(`${this.#got} messages came before the reset`);
    } else if (end === "cancel" && code !== status.CANCELLED && code !== status.OK) {
      this.#flaws.push(`left, and ended with ${code} ${details}`);
    }
  }
}
