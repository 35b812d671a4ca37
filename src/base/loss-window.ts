/** Joined minus left over the last so many milliseconds, in a bounded number of steps. */

const STEPS = 60;

export class LossWindow {
  readonly #stepMs: number;
  /** Oldest first; at most `STEPS` + 1. */
  #steps: { readonly step: number; delta: number }[] = [];

  constructor(spanMs: number) {
    this.#stepMs = Math.max(1, spanMs / STEPS);
  }

  add(now: number, delta: number): void {
    if (delta === 0) return;
    this.#prune(now);
    const step = Math.floor(now / this.#stepMs);
    const last = this.#steps.at(-1);
    if (last?.step === step) last.delta += delta;
    else this.#steps.push({ step, delta });
  }

  /** Negative when more left than joined. */
  net(now: number): number {
    this.#prune(now);
    return this.#steps.reduce((sum, each) => sum + each.delta, 0);
  }

  clear(): void {
    this.#steps = [];
  }

  #prune(now: number): void {
    const oldest = Math.floor(now / this.#stepMs) - STEPS;
    if ((this.#steps[0]?.step ?? oldest) < oldest) this.#steps = this.#steps.filter((each) => each.step >= oldest);
  }
}
