/** A mirror while this member leads: finds the names and the targets, and looks at all of them in cycles. */
import { Turnstile } from "../base/turnstile.ts";
import type { State } from "../base/var.ts";
import type { Path } from "../naming/path.ts";
import { DeletionCap } from "./deletion-cap.ts";
import type { MirrorEvents } from "./mirror-events.ts";
import type { MirrorParts } from "./mirror-parts.ts";
import type { AppliedWrite } from "./mirror-plan.ts";
import type { MirrorRules } from "./mirror-rules.ts";
import type { MirrorSelection } from "./mirror-selection.ts";
import { MirroredName, type NamePlace } from "./mirrored-name.ts";
import type { NameHome } from "./name-home.ts";
import { OwnedTargets } from "./owned-targets.ts";
import { ProbedAddresses } from "./probed-addresses.ts";
import { type Workable, WorkLine } from "./work-line.ts";
import { WritePace } from "./write-pace.ts";

export interface MirrorTermOptions {
  readonly parts: MirrorParts;
  readonly rules: MirrorRules;
  readonly selection: MirrorSelection;
  readonly events: MirrorEvents;
  /** Whether nothing is written: to see what would be. */
  readonly isDry: boolean;
  /** Whether an operator approved of all that is absent. */
  readonly isApproved: boolean;
  wrote(write: AppliedWrite): void;
  repaired(): void;
}

/** Begins when it is made, and ends when it is closed. */
export class MirrorTerm implements NameHome {
  readonly parts: MirrorParts;
  readonly rules: MirrorRules;
  readonly events: MirrorEvents;
  readonly isDry: boolean;
  readonly isApproved: boolean;
  readonly pace: WritePace;
  readonly turns: Turnstile;
  readonly cap: DeletionCap;
  readonly probed?: ProbedAddresses;
  cycle = 0;
  readonly #options: MirrorTermOptions;
  readonly #end = new AbortController();
  readonly #names = new Map<string, MirroredName>();
  readonly #line: WorkLine<Workable>;
  readonly #owned: OwnedTargets;
  readonly #watchers = new Set<() => void>();
  #listing: Disposable | undefined;
  /** Names that the source lists; undefined until it has. */
  #listed: ReadonlySet<string> | undefined;
  #listTrouble: string | undefined;
  /** What announcing at one of the targets failed with. */
  #unnamed: string | undefined;
  #timer: Disposable | undefined;
  #agreedAt: number | undefined;

  constructor(options: MirrorTermOptions) {
    const { parts, rules, events, isDry, isApproved } = options;
    this.#options = options;
    this.parts = parts;
    this.rules = rules;
    this.events = events;
    this.isDry = isDry;
    this.isApproved = isApproved;
    const { clock, random, probe } = parts;
    const { signal } = this;
    this.pace = new WritePace(clock, rules.writesPerSecond);
    this.cap = new DeletionCap(rules.deletionShare);
    if (probe) this.probed = new ProbedAddresses({ probe, timeoutMs: rules.timeoutMs, clock, random, signal });
    this.turns = new Turnstile(rules.inFlight, rules.readsInFlight + 1);
    this.#line = new WorkLine({ atOnce: rules.readsInFlight, pace: this.pace, clock });
    this.#owned = new OwnedTargets({
      parts,
      rules,
      signal,
      found: (target) => this.#found(target),
      changed: () => this.worked(),
    });
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get names(): readonly MirroredName[] {
    return [...this.#names.values()];
  }

  /** Why not all names or targets are known. */
  get trouble(): string | undefined {
    return this.#listTrouble ?? this.#owned.trouble ?? this.#unnamed;
  }

  /** Whether all names and targets were found, as far as they can be. */
  get isFound(): boolean {
    const isListed = this.#listed !== undefined || this.#listTrouble !== undefined;
    return isListed && this.#owned.isAsked;
  }

  get isAgreed(): boolean {
    return this.isFound && this.trouble === undefined && this.names.every((name) => name.isAgreed);
  }

  /** When all targets were last what they should be, epoch ms. */
  get agreedAt(): number | undefined {
    if (this.isAgreed) this.#agreedAt = this.parts.clock.wall();
    return this.#agreedAt;
  }

  start(): void {
    const { selection } = this.#options;
    const { source } = this.parts;
    if (selection.isOpen) this.#listing = source.namer.names?.().observe((state) => this.#list(state));
    else {
      this.#listed = new Set([source.path.show]);
      this.#ensure({ source: source.path, target: selection.target });
    }
    this.#owned.ask();
    this.#tick();
  }

  approve(target: string | undefined): number {
    let approved = 0;
    for (const name of this.names)
      if (target === undefined || name.place.target.show === target) approved += name.approve();
    return approved;
  }

  due(name: Workable, isUrgent: boolean): void {
    this.#line.add(name, isUrgent);
  }

  worked(): void {
    for (const look of this.#watchers) look();
  }

  wrote(write: AppliedWrite): void {
    this.#options.wrote(write);
  }

  repaired(): void {
    this.#options.repaired();
  }

  /** Resolves when `isReached` holds, which is asked after every step; rejects when `signal` aborts. */
  until(isReached: () => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const over = (): void => reject(signal.reason as Error);
    const look = (): void => {
      if (isReached()) resolve();
    };
    this.#watchers.add(look);
    signal.addEventListener("abort", over, { once: true });
    if (signal.aborted) over();
    look();
    return promise.finally(() => {
      this.#watchers.delete(look);
      signal.removeEventListener("abort", over);
    });
  }

  /** Nothing is written any more; `close` is still due. */
  stop(): void {
    this.#end.abort(new Error("this member leads no more"));
  }

  /** What stands is left to the lease's end, or to the next member. */
  async close(): Promise<void> {
    this.stop();
    this.#listing?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#owned[Symbol.dispose]();
    await this.#line.close();
    await Promise.allSettled(this.names.map((name) => name.close()));
    this.#names.clear();
  }

  #list(state: State<readonly Path[]>): void {
    this.#listTrouble = state.tag === "failed" ? state.cause.message : undefined;
    if (state.tag === "ok") {
      const { selection } = this.#options;
      const listed = new Set<string>();
      for (const source of state.value) {
        const target = selection.targetOf(source);
        if (!target) continue;
        listed.add(source.show);
        this.#ensure({ source, target });
      }
      this.#listed = listed;
      this.#listTrouble = state.stale?.cause.message;
    }
    this.worked();
  }

  #found(target: Path): void {
    const source = this.#options.selection.sourceOf(target);
    this.#ensure({ target, ...(source ? { source } : {}) });
  }

  #ensure(place: NamePlace): void {
    const key = place.target.show;
    if (this.#names.has(key) || this.signal.aborted) return;
    try {
      const name = new MirroredName(place, this);
      this.#names.set(key, name);
      name.follow();
    } catch (error) {
      // A name that the target's registry has no word for must not keep the others from theirs.
      this.#unnamed = `nothing can be announced at ${key}: ${String(error)}`;
    }
  }

  /** A cycle begins. */
  #tick(): void {
    const { clock } = this.parts;
    this.cycle++;
    const now = clock.now();
    let entries = 0;
    for (const name of this.names) {
      this.#forgetEmpty(name);
      entries += name.entries;
    }
    this.cap.begin(entries);
    for (const name of this.names) if (name.isLookDue(now)) name.look();
    this.#owned.askAgain(now);
    if (this.isAgreed) this.#agreedAt = clock.wall();
    this.#timer = clock.timer(this.rules.cycleMs, () => this.#tick());
  }

  /** What is neither listed nor stands anywhere is followed no more. */
  #forgetEmpty(name: MirroredName): void {
    const { source, target } = name.place;
    const isListed = source !== undefined && this.#listed?.has(source.show) !== false;
    if (isListed || this.trouble !== undefined || !isEmpty(name)) return;
    this.#names.delete(target.show);
    this.#line.drop(name);
    void name.close().catch(() => undefined);
  }
}

/** Whether nothing is known of it that would be lost. */
const isEmpty = (name: MirroredName): boolean =>
  name.isAgreed && name.entries === 0 && name.history.instances.size === 0;
