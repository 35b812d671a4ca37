/** Writes what differs at one target, in steps that are bounded, and notes what became of each write. */
import type { Instance } from "../base/instance.ts";
import type { EntryChange, EntryOutcome } from "../naming/announcer.ts";
import type { Path } from "../naming/path.ts";
import type { Removal } from "./entry-difference.ts";
import type { NameHome } from "./name-home.ts";
import type { PutConflicts } from "./put-conflicts.ts";
import type { Settling } from "./settling.ts";
import type { SlowRemovals } from "./slow-removals.ts";
import type { TargetView } from "./target-view.ts";
import { timeLimited } from "./time-limited.ts";

/** One step writes so many at most; the rest has its turn afterwards. */
const AT_ONCE = 500;

/** What may be written now. */
export interface Step {
  readonly puts: readonly Instance[];
  readonly removals: readonly Removal[];
}

export const NO_STEP: Step = { puts: [], removals: [] };

export interface NameTools {
  readonly target: Path;
  readonly view: TargetView;
  readonly conflicts: PutConflicts;
  readonly slow: SlowRemovals;
  readonly settling: Settling;
}

export class NameWriter {
  readonly #home: NameHome;
  readonly #tools: NameTools;

  constructor(home: NameHome, tools: NameTools) {
    this.#home = home;
    this.#tools = tools;
  }

  get #target(): Path {
    return this.#tools.target;
  }

  /** It is left to another writer for a while. */
  lost(id: string, cause: string): void {
    this.#tools.conflicts.lost(id, cause);
    this.#home.events.conflict({ target: this.#target.show, id, cause });
  }

  /** True when nothing is left to be done; rejects when something has to be tried again. */
  async write(step: Step): Promise<boolean> {
    const removals = step.removals.slice(0, AT_ONCE);
    const puts = step.puts.slice(0, Math.max(0, AT_ONCE - removals.length));
    const changes = changesOf({ puts, removals });
    if (changes.length === 0) return true;
    const { parts, rules, signal, pace, events } = this.#home;
    pace.spend(changes.length);
    const write = (limit: AbortSignal): Promise<readonly EntryOutcome[]> =>
      this.#tools.view.announcement.write(changes, limit);
    let outcomes: readonly EntryOutcome[];
    try {
      outcomes = await timeLimited(parts.clock, rules.timeoutMs, signal, write);
    } catch (error) {
      // Nobody knows what became of them.
      this.#tools.view.soil();
      throw error;
    }
    const isHandOver = this.#tools.view.own.some(({ mine }) => !mine);
    const causes = [
      ...puts.map((instance, at) => this.#wasPut(instance, outcomeAt(outcomes, at))),
      ...removals.map((removal, at) => this.#wasRemoved(removal, outcomeAt(outcomes, puts.length + at))),
    ].filter((cause) => cause !== undefined);
    events.wrote({ target: this.#target.show, puts: puts.length, removals: removals.length });
    if (causes.length > 0) throw new Error(causes[0]);
    const isAll = puts.length === step.puts.length && removals.length === step.removals.length;
    return isAll && !isHandOver;
  }

  /** Why it has to be tried again. */
  #wasPut(instance: Instance, outcome: EntryOutcome): string | undefined {
    const { id } = instance;
    this.#home.wrote({ target: this.#target.show, op: "put", id, ...plain(outcome) });
    if (outcome.tag === "done") {
      this.#tools.view.put(instance);
      this.#tools.conflicts.won(id);
      return undefined;
    }
    this.#tools.view.soil();
    if (outcome.tag !== "conflict") return outcome.cause;
    this.lost(id, outcome.cause);
    return undefined;
  }

  #wasRemoved({ key, id, why }: Removal, outcome: EntryOutcome): string | undefined {
    const { events } = this.#home;
    const target = this.#target.show;
    this.#home.wrote({ target, op: "remove", id, ...plain(outcome) });
    if (outcome.tag === "done") {
      this.#tools.view.removed(key);
      this.#tools.slow.forget(key);
      if (why !== "replaced") this.#tools.view.memory.forget(id);
      if (why === "unready" || why === "deleted") this.#tools.settling.withdrawn(id);
      else if (why !== "replaced") events.deleted({ target, id, why });
      return undefined;
    }
    this.#tools.view.soil();
    if (outcome.tag === "conflict") events.conflict({ target, id, cause: outcome.cause });
    return outcome.tag === "conflict" ? undefined : outcome.cause;
  }
}

export const changesOf = ({ puts, removals }: Step): readonly EntryChange[] => [
  ...puts.map((instance) => ({ op: "put", instance }) as const),
  ...removals.map(({ key }) => ({ op: "remove", key }) as const),
];

/** An announcer that says nothing of a change has not done it. */
const outcomeAt = (outcomes: readonly EntryOutcome[], at: number): EntryOutcome =>
  outcomes[at] ?? { tag: "failed", cause: "the announcer said nothing of it" };

const plain = (outcome: EntryOutcome): { readonly outcome: EntryOutcome["tag"]; readonly cause?: string } =>
  outcome.tag === "done" ? { outcome: "done" } : { outcome: outcome.tag, cause: outcome.cause };
