/** Sends the requests of one lane, each when it is due, and keeps what became of them. */
import { Agent, request } from "node:http";
import type { Answer, Demo, LaneReport } from "./demo.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** Nobody waits longer than this for an answer; ms of the story. */
const PATIENCE_MS = 30_000;

export interface CallerParts {
  readonly demo: Demo;
  readonly lane: string;
  readonly stopwatch: Stopwatch;
  /** The daemon's port, or those of all backends, which are asked in turn. */
  readonly ports: readonly number[];
  /** How many requests have reached backends. */
  readonly asked: () => number;
}

/** By the clock. */
const LATE_MS = 50;

/** What happened in one second of the story. */
interface Second {
  answered: number;
  failed: number;
}

export class Caller implements Disposable {
  readonly #parts: CallerParts;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });
  readonly #tookMs: number[] = [];
  readonly #seconds: Second[] = [];
  readonly #due: number;
  #sent = 0;
  #late = 0;
  #successes = 0;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    this.#due = parts.demo.seconds * parts.demo.rps;
  }

  /** Whether every request of the story was sent and has ended. */
  get isDone(): boolean {
    return this.#tookMs.length === this.#due;
  }

  /** Sends whatever is due by now. */
  send(): void {
    const { demo, stopwatch } = this.#parts;
    const due = Math.min(this.#due, Math.floor((stopwatch.storyMs * demo.rps) / 1000) + 1);
    while (this.#sent < due) this.#ask(this.#sent++);
  }

  #ask(nth: number): void {
    const { ports, stopwatch, demo } = this.#parts;
    const dueAt = (nth * 1000) / demo.rps;
    if (stopwatch.paced(stopwatch.storyMs - dueAt) > LATE_MS) this.#late++;
    const port = ports[nth % ports.length] as number;
    const timeout = stopwatch.paced(PATIENCE_MS);
    const sent = request({ host: "127.0.0.1", port, agent: this.#agent, headers: { host: "demo" }, timeout });
    let isOver = false;
    const end = (status?: number): void => {
      if (isOver) return;
      isOver = true;
      this.#keep(dueAt, { status, tookMs: stopwatch.storyMs - dueAt });
    };
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => end());
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => end(response.complete ? response.statusCode : undefined));
      response.on("error", () => end());
    });
    sent.end();
  }

  #keep(dueAt: number, answer: Answer): void {
    const isSuccess = this.#parts.demo.isSuccess(answer);
    this.#tookMs.push(answer.tookMs);
    if (isSuccess) this.#successes++;
    const second = (this.#seconds[Math.floor(dueAt / 1000)] ??= { answered: 0, failed: 0 });
    second.answered++;
    if (!isSuccess) second.failed++;
  }

  report(): LaneReport {
    const sorted = [...this.#tookMs].sort((a, b) => a - b);
    const answered = sorted.length;
    const at = (share: number): number => sorted[Math.min(answered - 1, Math.floor(answered * share))] ?? Number.NaN;
    return {
      lane: this.#parts.lane,
      requests: this.#sent,
      late: this.#late,
      successes: this.#successes,
      successPercent: (100 * this.#successes) / answered,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
      worstMs: at(1),
      attemptsPerRequest: this.#parts.asked() / this.#sent,
      failing: Array.from({ length: this.#parts.demo.seconds }, (_, second) => {
        const { answered, failed } = this.#seconds[second] ?? { answered: 0, failed: 0 };
        return failed / answered;
      }),
    };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
