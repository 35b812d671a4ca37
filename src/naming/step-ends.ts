/** What each step of an explanation comes to, and how a split divides requests; each is worked out once. */
import type { Step } from "./delegation.ts";

export type Split = Extract<Step, { readonly kind: "union" }>["steps"];

export type End = "bound" | "neg" | "empty" | "fail" | "pending" | "exception";

/** The branches of a split that get requests, with what their parts are relative to. */
export type Parts = ReadonlyMap<Split[number], number>;

const isKept = (end: End): boolean => end === "bound" || end === "empty";

/** The alternative that decides is the last one that was walked for the answer, not only for this explanation. */
export function answerAt(steps: readonly Step[]): number {
  return steps.findLastIndex((step) => step.used);
}

export class StepEnds {
  readonly #closed: ReadonlySet<string>;
  readonly #ends = new Map<Step, End>();
  readonly #open = new Map<Step, boolean>();
  readonly #parts = new Map<Split, Parts>();

  /** `closed`: bound ids of which no address takes requests now, as far as that is known. */
  constructor(closed: ReadonlySet<string>) {
    this.#closed = closed;
  }

  endOf(step: Step): End {
    const known = this.#ends.get(step) ?? this.#findEnd(step);
    this.#ends.set(step, known);
    return known;
  }

  /**
   * As the data path splits: what is no name is left out, one that is left gets all, zeros alone split evenly, and what
   * nobody serves gets something only where that is so of all.
   */
  partsOf(branches: Split): Parts {
    const known = this.#parts.get(branches) ?? this.#findParts(branches);
    this.#parts.set(branches, known);
    return known;
  }

  #findParts(branches: Split): Parts {
    const kept = branches.filter(({ step }) => isKept(this.endOf(step)));
    const isEven = kept.length === 1 || kept.every(({ weight }) => weight === 0);
    const parts = kept.map((branch) => [branch, isEven ? 1 : branch.weight] as const).filter(([, part]) => part > 0);
    const open = parts.filter(([{ step }]) => this.#isOpen(step));
    return new Map(open.length > 0 ? open : parts);
  }

  /** Whether somebody behind it takes requests. */
  #isOpen(step: Step): boolean {
    const known = this.#open.get(step) ?? this.#findOpen(step);
    this.#open.set(step, known);
    return known;
  }

  #findOpen(step: Step): boolean {
    switch (step.kind) {
      case "leaf": {
        const { addresses, bound } = step;
        const isEmpty = addresses.tag !== "ok" || addresses.value.size === 0;
        return !isEmpty && !this.#closed.has(bound.id.show);
      }
      case "delegate":
      case "transformation":
        return this.#isOpen(step.next);
      case "alt": {
        const answer = step.steps[answerAt(step.steps)];
        return answer !== undefined && this.#isOpen(answer);
      }
      case "union":
        return [...this.partsOf(step.steps).keys()].some((each) => this.#isOpen(each.step));
      default:
        return false;
    }
  }

  #findEnd(step: Step): End {
    switch (step.kind) {
      case "leaf":
        return "bound";
      case "delegate":
      case "transformation":
        return this.endOf(step.next);
      case "alt": {
        const answer = step.steps[answerAt(step.steps)] ?? step.steps[0];
        return answer === undefined ? "neg" : this.endOf(answer);
      }
      case "union": {
        const ends = step.steps.map((each) => this.endOf(each.step));
        const isSome = (end: End): boolean => ends.includes(end);
        return ends.find(isKept) ?? (isSome("pending") ? "pending" : isSome("exception") ? "exception" : "neg");
      }
      default:
        return step.kind;
    }
  }
}
