/** Since when what drifts does so: a difference that is younger than the objective is on its way. */
import type { Clock } from "../base/time.ts";
import { type ComparedName, type Difference, DRIFT_CLASSES, type DriftClass, DRIFTED, differencesOf } from "./drift.ts";

export interface DriftedInstance extends Omit<Difference, "class"> {
  readonly class: Exclude<DriftClass, "same">;
  readonly ageMs: number;
}

export type DriftCounts = Readonly<Record<DriftClass, number>>;

export interface NameDrift {
  readonly source?: string;
  readonly target: string;
  readonly counts: DriftCounts;
  /** All that are not the same on both sides. */
  readonly instances: readonly DriftedInstance[];
  /** Why it is not known now. */
  readonly trouble?: string;
}

export interface Drift {
  readonly names: readonly NameDrift[];
  readonly counts: DriftCounts;
  /** Whether something is wrong that is not on its way. */
  readonly drifts: boolean;
  /** Whether some name is not known. */
  readonly isTroubled: boolean;
}

/** What is followed at most; the age of a difference beyond that is not known, and counts as none. */
const MOST_DIFFERENCES = 100_000;

/** One a mirror. */
export class DriftBook {
  readonly #clock: Clock;
  readonly #objectiveMs: number;
  #since: ReadonlyMap<string, number> = new Map();

  /** What is not the same for longer than the objective has drifted. */
  constructor(clock: Clock, objectiveMs: number) {
    this.#clock = clock;
    this.#objectiveMs = objectiveMs;
  }

  /** Notes what is seen now. What was the same in between begins anew. */
  look(names: readonly ComparedName[]): Drift {
    const now = this.#clock.now();
    const before = this.#since;
    const since = new Map<string, number>();
    const drifts = names.map((name) => {
      const { same, all } = differencesOf(name);
      const instances = all.map((difference) => {
        const key = `${name.target}\n${difference.id}`;
        const at = before.get(key) ?? now;
        if (since.size < MOST_DIFFERENCES) since.set(key, at);
        return this.#classed(difference, now - at);
      });
      return driftOf(name, same, instances);
    });
    this.#since = since;
    return {
      names: drifts,
      counts: summed(drifts.map(({ counts }) => counts)),
      drifts: drifts.some(({ counts }) => DRIFTED.some((each) => counts[each] > 0)),
      isTroubled: drifts.some(({ trouble }) => trouble !== undefined),
    };
  }

  #classed(difference: Difference, ageMs: number): DriftedInstance {
    const isYoung = difference.class !== "dual" && ageMs < this.#objectiveMs;
    return { ...difference, class: isYoung ? "lag" : difference.class, ageMs };
  }
}

function driftOf(
  { source, target, trouble }: ComparedName,
  same: number,
  instances: readonly DriftedInstance[],
): NameDrift {
  const count = (which: DriftClass): number => instances.filter((each) => each.class === which).length;
  return {
    ...(source === undefined ? {} : { source }),
    target,
    counts: { ...countsBy(count), same },
    instances,
    ...(trouble === undefined ? {} : { trouble }),
  };
}

const summed = (all: readonly DriftCounts[]): DriftCounts =>
  countsBy((which) => all.reduce((sum, counts) => sum + counts[which], 0));

const countsBy = (count: (which: DriftClass) => number): DriftCounts =>
  Object.fromEntries(DRIFT_CLASSES.map((which) => [which, count(which)])) as Record<DriftClass, number>;
