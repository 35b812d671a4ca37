/** A service of which a reading holds for a time: it is read again when that is over. */
import {
  type Clock,
  followService,
  type Random,
  type ServiceListener,
  type ServiceReading,
  type ServiceSource,
  sleep,
} from "linkspan/plugin";
import type { TimedReading } from "./srv-reader.ts";

export interface TimedSourceOptions {
  readonly read: (signal: AbortSignal) => Promise<TimedReading>;
  /** The longest time between two readings, however long they hold. */
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** However short the time is that a reading holds. */
const LEAST_MS = 1000;
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 1000;

export class TimedSource implements ServiceSource {
  readonly #options: TimedSourceOptions;

  constructor(options: TimedSourceOptions) {
    this.#options = options;
  }

  follow(listener: ServiceListener): Disposable {
    const { clock, random, refreshMs, read } = this.#options;
    return followService({
      clock,
      random,
      listener,
      retry: { minMs: Math.min(RETRY_MIN_MS, refreshMs), maxMs: Math.min(RETRY_MAX_MS, refreshMs) },
      attempt: async (heard, signal) => {
        const { reading, ttlMs } = await read(signal);
        heard(reading);
        await sleep(clock, this.#wait(ttlMs), signal);
      },
    });
  }

  /** Each question has a socket of its own, so it is fresh. */
  async confirm(signal: AbortSignal): Promise<ServiceReading> {
    return (await this.#options.read(signal)).reading;
  }

  /** Up to a tenth less, so that names which began together do not stay together. */
  #wait(ttlMs: number): number {
    const { refreshMs, random } = this.#options;
    const wait = Math.min(refreshMs, Math.max(LEAST_MS, ttlMs));
    return wait * (1 - random.next() / 10);
  }
}
