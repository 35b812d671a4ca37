/** One name of the source joined to one target: follows the one, reads the other, and writes what differs. */
import { ok } from "../base/var.ts";
import type { EntryChange } from "../naming/announcer.ts";
import type { Path } from "../naming/path.ts";
import { type Desired, desiredEntries, NOTHING_DESIRED } from "./desired-entries.ts";
import { differenceOf } from "./entry-difference.ts";
import type { HeldRemoval, LeftOutWhy } from "./mirror-plan.ts";
import type { NameHome } from "./name-home.ts";
import { changesOf, NameWriter, NO_STEP, type Step } from "./name-writer.ts";
import { NameTrouble } from "./name-trouble.ts";
import { PutConflicts } from "./put-conflicts.ts";
import { Settling } from "./settling.ts";
import { SlowRemovals } from "./slow-removals.ts";
import { SourceHistory } from "./source-history.ts";
import { TargetView } from "./target-view.ts";
import type { Workable } from "./work-line.ts";

/** What may be over at any time without the source saying so. */
const MAY_END: ReadonlySet<LeftOutWhy> = new Set<LeftOutWhy>(["unreachable", "dual", "conflict"]);

const TAMPERED = { taken: "takes away", changed: "changes" } as const;

export interface NamePlace {
  /** Absent for a target to which nothing goes any more. */
  readonly source?: Path;
  readonly target: Path;
}

export class MirroredName implements Workable {
  readonly place: NamePlace;
  readonly history: SourceHistory;
  readonly view: TargetView;
  readonly conflicts: PutConflicts;
  readonly trouble: NameTrouble;
  readonly #home: NameHome;
  readonly #settling: Settling;
  readonly #slow: SlowRemovals;
  readonly #writer: NameWriter;
  #following: Disposable | undefined;
  #desired: Desired = NOTHING_DESIRED;
  #step: Step = NO_STEP;
  /** Something was heard that was not looked at yet. */
  #isDue = true;
  /** Something that was heard is to be withdrawn at once. */
  #isUrgent = false;
  #isBusy = false;
  #isClosed = false;
  /** Of its own, so that not all targets are read at once. */
  readonly #auditMs: number;
  #wake: Disposable | undefined;

  constructor(place: NamePlace, home: NameHome) {
    this.place = place;
    this.#home = home;
    const { clock, random } = home.parts;
    // What is to agree for so long that it may go goes together, as far as its number matters.
    this.history = new SourceHistory(clock, home.rules.cycles * home.rules.cycleMs);
    this.#auditMs = home.rules.auditMs * (1 - random.next() / 4);
    this.trouble = new NameTrouble(home, place.target.show);
    this.conflicts = new PutConflicts(clock);
    this.#settling = new Settling(clock, home.rules.settleMs);
    this.#slow = new SlowRemovals(home);
    this.view = new TargetView(place.target, home, {
      leased: () => this.#due(false),
      tampered: (id, how) => this.#tampered(id, how),
    });
    const { conflicts, view } = this;
    this.#writer = new NameWriter(home, {
      target: place.target,
      view,
      conflicts,
      slow: this.#slow,
      settling: this.#settling,
    });
  }

  /** Follows until it is closed. */
  follow(): void {
    const instances = this.place.source && this.#home.parts.source.namer.instances?.(this.place.source);
    if (instances) this.#following = instances.observe((state) => this.#due(this.history.heard(state)));
    else this.#due(this.history.heard(ok([])));
    this.view.follow();
  }

  get desired(): Desired {
    return this.#desired;
  }

  get held(): readonly HeldRemoval[] {
    return this.#slow.held;
  }

  get refusal(): string | undefined {
    return this.view.refusal ?? this.#desired.refusal;
  }

  /** Whether it was read, and nothing is left that may be done now. */
  get isQuiet(): boolean {
    return this.view.isRead && this.history.isHeard && !this.#isDue && !this.#isBusy && this.#desired.asked === 0;
  }

  /** Whether what stands is what should. */
  get isAgreed(): boolean {
    const isWell = this.trouble.now === undefined && this.refusal === undefined;
    return isWell && this.isQuiet && this.history.isSound && this.#slow.size === 0 && this.pending.length === 0;
  }

  /** How many entries of the group stand, as far as is known. */
  get entries(): number {
    const own = new Set(this.view.own.map(({ instance }) => instance.id));
    for (const id of this.#desired.entries.keys()) if (this.view.memory.knows(id)) own.add(id);
    return own.size;
  }

  /** What would be written now. */
  get pending(): readonly EntryChange[] {
    return changesOf(this.#step);
  }

  approve(): number {
    const approved = this.#slow.approve();
    if (approved > 0) this.look();
    return approved;
  }

  /** Whether the target has to be read in full in the cycle that begins. */
  isLookDue(now: number): boolean {
    const isOld = now - this.view.readAt >= this.#auditMs;
    return (
      isOld ||
      this.#desired.leftOut.some(({ why }) => MAY_END.has(why)) ||
      this.view.isDirty ||
      this.#slow.size > 0 ||
      this.conflicts.all().length > 0
    );
  }

  look(): void {
    this.view.soil();
    this.#due(false);
  }

  async work(): Promise<void> {
    const { signal, isDry, turns } = this.#home;
    const isUrgent = this.#isUrgent;
    this.#isUrgent = false;
    if (this.#isClosed) return;
    this.#isBusy = true;
    this.#isDue = false;
    try {
      const isFresh = await this.#read();
      // What is to be done is decided when it can be done: a source that was sound may not be any more.
      const act = async (): Promise<void> => {
        this.#step = this.#nextStep(isFresh);
        if (!isDry) await this.#write();
      };
      await (isUrgent ? act() : turns.pass(act));
      this.trouble.succeeded();
    } catch (error) {
      if (!signal.aborted && !this.#isClosed) this.#dueIn(this.trouble.failed(error));
    }
    this.#isBusy = false;
    this.#home.worked();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#following?.[Symbol.dispose]();
    this.#wake?.[Symbol.dispose]();
    await this.view.close();
  }

  #due(isUrgent: boolean): void {
    if (this.#isClosed) return;
    this.#isDue = true;
    this.#isUrgent ||= isUrgent;
    this.#home.due(this, isUrgent);
  }

  #dueIn(ms: number): void {
    this.#wake?.[Symbol.dispose]();
    this.#wake = this.#home.parts.clock.timer(ms, () => this.#due(false));
  }

  #read(): Promise<boolean> {
    return this.view.read().catch((error: unknown) => {
      this.#slow.doubt();
      throw error;
    });
  }

  #tampered(id: string, how: keyof typeof TAMPERED): void {
    const { events, isDry } = this.#home;
    if (isDry) return;
    if (this.conflicts.wasTaken(id)) this.#writer.lost(id, `another writer ${TAMPERED[how]} the entry again and again`);
    else {
      this.#home.repaired();
      events.repaired({ target: this.place.target.show, id, how });
    }
  }

  #desiredNow(): Desired {
    const { parts, rules, probed } = this.#home;
    if (!this.history.isConfirmed) {
      // What was put stays as it was put; nothing is known against it, and nothing for what is new.
      const kept = [...this.#desired.entries].filter(([id]) => this.view.memory.knows(id));
      return { ...NOTHING_DESIRED, entries: new Map(kept) };
    }
    return desiredEntries({
      group: parts.owner.group,
      origin: parts.source.origin,
      rules,
      ...(parts.address ? { address: parts.address } : {}),
      name: this.place.source ?? this.place.target,
      target: this.place.target,
      instances: this.history.instances.values(),
      standing: this.view.entries,
      waitOf: (id) => this.#settling.waitOf(id),
      wasDeleted: (id) => this.history.wasDeleted(id),
      reach: (host, port) => probed?.reach(host, port, () => this.#due(false)) ?? { tag: "reached" },
    });
  }

  #nextStep(isFresh: boolean): Step {
    const before = this.#desired;
    const desired = this.#desiredNow();
    this.#desired = desired;
    this.#home.events.compared(this.place.target.show, before, desired);
    if (desired.nextInMs !== undefined) this.#dueIn(desired.nextInMs);
    const { own, memory } = this.view;
    const { isConfirmed } = this.history;
    const wasDeleted = (id: string): boolean => this.history.wasDeleted(id);
    const { puts, removals, slow } = differenceOf({ own, desired, isConfirmed, wasDeleted, memory });
    const standingIds = new Set(own.map(({ instance }) => instance.id));
    this.history.forgetDeleted((id) => standingIds.has(id));
    this.conflicts.keepOnly(desired.entries);
    if (this.view.refusal !== undefined) return NO_STEP;
    const ripe = this.#slow.ripe(slow, this.history, isFresh);
    if (ripe.length < this.#slow.held.filter(({ needs }) => needs === "turn").length) {
      this.#home.events.held({ target: this.place.target.show, entries: this.#slow.size - ripe.length });
    }
    return { puts: puts.filter(({ id }) => !this.conflicts.isLeft(id)), removals: [...removals, ...ripe] };
  }

  async #write(): Promise<void> {
    const isAll = await this.#writer.write(this.#step);
    this.#step = NO_STEP;
    if (!isAll) this.look();
  }
}
