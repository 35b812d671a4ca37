/** How many came within the last while, to a fifth of it. */

const SLICES = 5;

export class SlidingCount {
  readonly #sliceMs: number;
  readonly #counts = new Float64Array(SLICES);
  #sliceStart: number;
  #current = 0;

  constructor(windowMs: number, now: number) {
    this.#sliceMs = windowMs / SLICES;
    this.#sliceStart = now;
  }

  add(now: number): void {
    this.#turn(now);
    this.#counts[this.#current] = (this.#counts[this.#current] as number) + 1;
  }

  sum(now: number): number {
    this.#turn(now);
    let sum = 0;
    for (let at = 0; at < SLICES; at++) sum += this.#counts[at] as number;
    return sum;
  }

  clear(now: number): void {
    this.#counts.fill(0);
    this.#sliceStart = now;
  }

  #turn(now: number): void {
    const passed = Math.floor((now - this.#sliceStart) / this.#sliceMs);
    if (passed <= 0) return;
    if (passed >= SLICES) this.#counts.fill(0);
    for (let step = 0; step < Math.min(passed, SLICES); step++) {
      this.#current = (this.#current + 1) % SLICES;
      this.#counts[this.#current] = 0;
    }
    this.#sliceStart += passed * this.#sliceMs;
  }
}
