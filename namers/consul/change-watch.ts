/** A waiting query whose answer matters less than that it comes: something of a datacenter has changed. */
import { Backoff, type BlockingIndex, type Clock, isBefore, nextIndex, type Random, sleep } from "linkspan/plugin";
import type { ConsulAgent } from "./agent.ts";
import { Pace } from "./pace.ts";

/** Answers of which each is another change come at most so often. */
const BUSY_MS = 300;
/** Where there is no connection to wait on. */
const POLL_MS = 1_000;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 30_000;

export interface ChangeWatchOptions {
  readonly agent: ConsulAgent;
  /** With the datacenter. */
  readonly path: string;
  readonly waitMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** With the first answer too, and after the server began anew: what came before is not known. */
  changed(text: string): void;
  failed(cause: Error): void;
  /** The index went backwards: whatever else waits for an index may wait in vain. */
  wentBack(): void;
  /** Asked after each answer; when it is not, the watch ends by itself. */
  isWanted(): boolean;
}

/** Runs from `start` until it fails or is stopped. */
export class ChangeWatch implements Disposable {
  readonly #options: ChangeWatchOptions;
  readonly #retry: Backoff;
  #run: AbortController | undefined;
  #timer: Disposable | undefined;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    this.#retry = new Backoff(RETRY_MIN_MS, RETRY_MAX_MS, options.random);
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  start(): void {
    if (this.#run) return;
    this.#timer?.[Symbol.dispose]();
    const run = new AbortController();
    this.#run = run;
    const ended = (cause?: Error): void => {
      if (this.#run !== run) return;
      this.#run = undefined;
      if (cause) this.#options.failed(cause);
    };
    this.#loop(run.signal).then(() => ended(), ended);
  }

  /** After a failure that was this query's alone. */
  startLater(): void {
    if (this.#run) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.clock.timer(this.#retry.next(), () => this.start());
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#run?.abort(new Error("the watch has ended"));
    this.#run = undefined;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { connections } = this.#options.agent;
    const waits = connections.takeProbe();
    try {
      await this.#ask(waits, signal);
    } finally {
      if (waits) connections.giveProbe();
    }
  }

  async #ask(waits: boolean, signal: AbortSignal): Promise<void> {
    const { agent, path, waitMs, clock, random, changed, isWanted, wentBack } = this.#options;
    const pace = new Pace(clock, random);
    let seen: BlockingIndex | undefined;
    let last: string | undefined;
    while (isWanted()) {
      const askedAt = clock.now();
      const waiting = waits && seen !== undefined ? { index: seen, waitMs } : {};
      const { index, text } = await agent.ask({ path, lane: "probe", signal, ...waiting });
      this.#retry.reset();
      // Without an index only the text can tell; with one, what the text does not show has changed too.
      const isNews = index === undefined ? text !== last : index.value !== seen?.value;
      const isBehind = isBefore(index, seen);
      seen = waits ? nextIndex(seen, index) : index;
      last = index === undefined ? text : undefined;
      if (isBehind) wentBack();
      if (isNews) changed(text);
      const pauseMs = pace.next(askedAt, isNews);
      await sleep(clock, waits ? Math.max(pauseMs, isNews ? BUSY_MS : 0) : POLL_MS, signal);
    }
  }
}
