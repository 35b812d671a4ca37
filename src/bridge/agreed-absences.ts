/** How many looks in a row agreed that an entry of one target is to go. */
import type { RemovalWhy } from "./mirror-plan.ts";

export interface Agreement {
  readonly why: RemovalWhy;
  readonly agreed: number;
  readonly approved: boolean;
}

export interface Look {
  /** Which cycle it is of: each counts once. */
  readonly cycle: number;
  /** When, by the mirror's clock: looks that are less than `apartMs` from each other are one. */
  readonly at: number;
  readonly apartMs: number;
  /** Of the source until now: what was counted before another gap counts no more. */
  readonly gaps: number;
}

export class AgreedAbsences {
  readonly #keys = new Map<string, Agreement>();
  #cycle = -1;
  #at = -Infinity;
  #gaps = 0;

  get size(): number {
    return this.#keys.size;
  }

  get(key: string): Agreement | undefined {
    return this.#keys.get(key);
  }

  /** Source and target were read in full, and agree on exactly these; those that are counted no more begin anew. */
  look(absent: ReadonlyMap<string, RemovalWhy>, look: Look): void {
    const counts = look.cycle > this.#cycle && look.at - this.#at >= look.apartMs;
    const isGapless = look.gaps === this.#gaps;
    for (const key of this.#keys.keys()) if (!absent.has(key)) this.#keys.delete(key);
    for (const [key, why] of absent) {
      const known = this.#keys.get(key);
      const isSame = known !== undefined && isGapless && known.why === why;
      const before = isSame ? known.agreed : 0;
      this.#keys.set(key, { why, agreed: before + (counts ? 1 : 0), approved: known?.approved ?? false });
    }
    this.#gaps = look.gaps;
    if (!counts) return;
    this.#cycle = look.cycle;
    this.#at = look.at;
  }

  /** Nothing could be agreed on: all begin anew. What was approved stays so. */
  doubt(): void {
    for (const [key, agreement] of this.#keys) this.#keys.set(key, { ...agreement, agreed: 0 });
  }

  /** What is known now may go without regard to the cap. */
  approve(): number {
    let approved = 0;
    for (const [key, agreement] of this.#keys) {
      if (!agreement.approved) approved++;
      this.#keys.set(key, { ...agreement, approved: true });
    }
    return approved;
  }

  forget(key: string): void {
    this.#keys.delete(key);
  }
}
