/** The entries of one target that go by the slow rule: after enough looks agreed, and no more in a cycle than the cap says. */
import { AgreedAbsences } from "./agreed-absences.ts";
import type { Removal } from "./entry-difference.ts";
import type { HeldRemoval } from "./mirror-plan.ts";
import type { NameHome } from "./name-home.ts";
import type { SourceHistory } from "./source-history.ts";

/** Looks that are nearer to each other than this share of a cycle are one. */
const APART = 0.9;

export class SlowRemovals {
  readonly #home: NameHome;
  readonly #absences = new AgreedAbsences();
  #waiting: readonly Removal[] = [];

  constructor(home: NameHome) {
    this.#home = home;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get held(): readonly HeldRemoval[] {
    return this.#waiting.map(({ key, id, why }) => {
      const { agreed = 0, approved = false } = this.#absences.get(key) ?? {};
      return { key, id, why, agreed, needs: agreed < this.#home.rules.cycles ? "cycles" : "turn", approved };
    });
  }

  approve(): number {
    return this.#absences.approve();
  }

  /** The target could not be read. */
  doubt(): void {
    this.#absences.doubt();
  }

  forget(key: string): void {
    this.#absences.forget(key);
    this.#waiting = this.#waiting.filter((removal) => removal.key !== key);
  }

  /**
   * Those whose time has come. Only a look at which both sides were read in full counts: `isFresh` says it of the target.
   * The others wait.
   */
  ripe(removals: readonly Removal[], history: SourceHistory, isFresh: boolean): readonly Removal[] {
    const { rules, cap, cycle, parts, isApproved } = this.#home;
    this.#waiting = removals;
    if (!history.isSound) {
      this.#absences.doubt();
      return [];
    }
    this.#absences.look(new Map(removals.map(({ key, why }) => [key, why])), {
      cycle: isFresh ? cycle : -1,
      at: parts.clock.now(),
      apartMs: rules.cycleMs * APART,
      gaps: history.gaps,
    });
    if (!isFresh) return [];
    const agreed = removals.filter(({ key }) => (this.#absences.get(key)?.agreed ?? 0) >= rules.cycles);
    return agreed.filter(({ key }) => isApproved || this.#absences.get(key)?.approved === true || cap.take());
  }
}
