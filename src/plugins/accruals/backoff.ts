/** How long a failing endpoint is taken out, each time anew. */
import type { Random } from "linkspan/plugin";

/** What the file says; none: equal-jittered from 5 s to 300 s. */
export type BackoffConfig =
  | { readonly kind: "constant"; readonly ms: number }
  | { readonly kind: "jittered"; readonly minMs: number; readonly maxMs: number };

/** A sequence of waits in ms without an end. */
export interface Waits {
  next(): number;
  restart(): void;
}

const FIRST_MS = 5_000;
const LAST_MS = 300_000;

export function waits(config: BackoffConfig | undefined, random: Random): Waits {
  if (config === undefined) return new EqualJittered(FIRST_MS, LAST_MS, random);
  if (config.kind === "constant") return new Jittered(config.ms, config.ms, random);
  return new Jittered(config.minMs, config.maxMs, random);
}

/** d0 = first; then h + [0, h) with h = first * 2^(k-1); `last` for good once that is reached. */
export class EqualJittered implements Waits {
  readonly #first: number;
  readonly #last: number;
  readonly #random: Random;
  #taken = 0;

  constructor(first: number, last: number, random: Random) {
    this.#first = first;
    this.#last = last;
    this.#random = random;
  }

  next(): number {
    const step = this.#taken++;
    if (step === 0) return Math.min(this.#first, this.#last);
    const half = this.#first * 2 ** Math.min(step - 1, 60);
    if (half >= this.#last) return this.#last;
    const wait = half + this.#random.next() * half;
    // From the step on that may pass the last, the sequence stays there.
    if (wait < this.#last) return wait;
    this.#taken = 62;
    return this.#last;
  }

  restart(): void {
    this.#taken = 0;
  }
}

/** d0 = min; then between the last one and three times that, at most `max`. */
export class Jittered implements Waits {
  readonly #min: number;
  readonly #max: number;
  readonly #random: Random;
  #last: number | undefined;

  constructor(min: number, max: number, random: Random) {
    this.#min = min;
    this.#max = max;
    this.#random = random;
  }

  next(): number {
    const last = this.#last;
    const ceiling = last === undefined ? this.#min : Math.min(this.#max, last * 3);
    const floor = last ?? this.#min;
    this.#last = floor + this.#random.next() * Math.max(0, ceiling - floor);
    return this.#last;
  }

  restart(): void {
    this.#last = undefined;
  }
}
