/** Entries of one target that another writer has or takes away: they are left to it for longer and longer. */
import type { Clock } from "../base/time.ts";

const FIRST_MS = 60_000;
const LONGEST_MS = 600_000;
const CAPACITY = 1_000;
/** What another took away so often within an hour is left to it. */
const FIGHT = 3;
const CALM_MS = 3_600_000;

interface Lost {
  readonly cause: string;
  readonly times: number;
  readonly until: number;
}

export class PutConflicts {
  readonly #clock: Clock;
  readonly #lost = new Map<string, Lost>();
  readonly #taken = new Map<string, { readonly times: number; readonly lastAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The put of it was in another's way. */
  lost(id: string, cause: string): void {
    const times = (this.#lost.get(id)?.times ?? 0) + 1;
    const waitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(times - 1, 10));
    if (this.#lost.size >= CAPACITY && !this.#lost.has(id)) return;
    this.#lost.set(id, { cause, times, until: this.#clock.now() + waitMs });
  }

  /** Another took it away. True when that was once too often. */
  wasTaken(id: string): boolean {
    const now = this.#clock.now();
    for (const [known, { lastAt }] of this.#taken) {
      if (now - lastAt > CALM_MS || this.#taken.size >= CAPACITY) this.#taken.delete(known);
    }
    const times = (this.#taken.get(id)?.times ?? 0) + 1;
    this.#taken.set(id, { times, lastAt: now });
    return times >= FIGHT;
  }

  /** It was put, or is not to be put any more. */
  won(id: string): void {
    this.#lost.delete(id);
  }

  /** Whether it is left to the other. */
  isLeft(id: string): boolean {
    return this.#clock.now() < (this.#lost.get(id)?.until ?? -Infinity);
  }

  keepOnly(ids: { has(id: string): boolean }): void {
    for (const id of this.#lost.keys()) if (!ids.has(id)) this.#lost.delete(id);
  }

  all(): readonly { readonly id: string; readonly cause: string }[] {
    return Array.from(this.#lost, ([id, { cause }]) => ({ id, cause }));
  }
}
