/** Joined minus left over the last so many milliseconds, in a bounded number of steps. */

const STEPS = 60;

/** How many came and went. */
export interface Moves {
  readonly joined?: number;
  /** Without a sign. */
  readonly lost?: number;
  /** Because the source says so. */
  readonly signed?: number;
}

interface Step {
  readonly step: number;
  joined: number;
  lost: number;
  signed: number;
}

export class LossWindow {
  readonly #stepMs: number;
  /** Oldest first; at most `STEPS` + 1. */
  #steps: Step[] = [];

  constructor(spanMs: number) {
    this.#stepMs = Math.max(1, spanMs / STEPS);
  }

  add(now: number, { joined = 0, lost = 0, signed = 0 }: Moves): void {
    if (joined === 0 && lost === 0 && signed === 0) return;
    this.#prune(now);
    const step = Math.floor(now / this.#stepMs);
    let last = this.#steps.at(-1);
    if (last?.step !== step) this.#steps.push((last = { step, joined: 0, lost: 0, signed: 0 }));
    last.joined += joined;
    last.lost += lost;
    last.signed += signed;
  }

  /**
   * Negative when more were lost than joined. Who left by a sign is no loss, but takes the place of one that joined:
   * else each restart of an instance would excuse the loss of another.
   */
  net(now: number): number {
    this.#prune(now);
    let [joined, lost, signed] = [0, 0, 0];
    for (const each of this.#steps) {
      joined += each.joined;
      lost += each.lost;
      signed += each.signed;
    }
    return Math.max(0, joined - signed) - lost;
  }

  clear(): void {
    this.#steps = [];
  }

  #prune(now: number): void {
    const oldest = Math.floor(now / this.#stepMs) - STEPS;
    if ((this.#steps[0]?.step ?? oldest) < oldest) this.#steps = this.#steps.filter((each) => each.step >= oldest);
  }
}
