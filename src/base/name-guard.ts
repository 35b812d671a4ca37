/** The guard of one name: its newest reading, and what is held beside it. */
import { LossWindow, type Moves } from "./loss-window.ts";
import { type Believer, type GuardedSource, type Reading, type Signs, untilAborted } from "./guarded.ts";
import type { Held } from "./state.ts";

interface Hold {
  readonly since: number;
  readonly until: number;
  /** Members that came while it is held: as many as were lost, and nothing is lost. */
  joined: number;
  timer: Disposable;
}

const noSigns: Signs = new Set();
const nothing: ReadonlyMap<string, never> = new Map<string, never>();

export class NameGuard<M> implements Disposable {
  readonly #source: GuardedSource;
  readonly #key: string;
  readonly #believer: Believer<M>;
  /** There once somebody came or went after the first reading. */
  #window: LossWindow | undefined;
  #newest: ReadonlyMap<string, M> | undefined;
  #lost: ReadonlyMap<string, M> = nothing;
  #hold: Hold | undefined;
  #wasRead = false;
  #isCounted = false;
  #wasEmptied = false;
  #closed = false;

  constructor(source: GuardedSource, key: string, believer: Believer<M>) {
    this.#source = source;
    this.#key = key;
    this.#believer = believer;
  }

  get held(): Held | undefined {
    const hold = this.#hold;
    return hold && { since: hold.since, until: hold.until, lost: Math.max(1, this.#lost.size) };
  }

  /**
   * Takes the newest full reading. `members` undefined: there is no such name (any more). `signs`: those that are
   * absent, or were left out, because the source says so; an id that is among the members too is a member.
   */
  offer(members: ReadonlyMap<string, M> | undefined, signs: Signs = noSigns): void {
    if (this.#closed) return;
    const missing = this.#missing(members, signs);
    const joined = this.#joined(members);
    if (this.#hold) return this.#offerHeld(this.#hold, members, missing, joined, signs);
    if (this.#isMassLoss(members, missing, joined, signs)) return this.#begin(members, missing, joined);
    if (this.#wasRead) this.#countMoves({ joined, lost: missing.size, signed: this.#signedOff(members, missing) });
    this.#accept(members, missing.size > 0 || (signs !== "all" && signs.size === 0));
  }

  /** Believes what is held, at once. False when nothing is held. */
  release(): boolean {
    return this.#believe("ordered");
  }

  /** Call it when nothing of the name can be connected to: what is held is believed at once. */
  unreachable(): boolean {
    return this.#believe("unreachable");
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#hold?.timer[Symbol.dispose]();
    this.#hold = undefined;
    if (this.#isCounted) this.#source.countName(-1, 0);
    this.#source.forget(this.#key, this);
  }

  #missing(members: ReadonlyMap<string, M> | undefined, signs: Signs): ReadonlyMap<string, M> {
    if (signs === "all" || (members === this.#newest && this.#lost.size === 0)) return nothing;
    let missing: Map<string, M> | undefined;
    for (const known of [this.#newest, this.#lost]) {
      for (const [id, member] of known ?? []) {
        if (!members?.has(id) && !signs.has(id)) (missing ??= new Map()).set(id, member);
      }
    }
    return missing ?? nothing;
  }

  #joined(members: ReadonlyMap<string, M> | undefined): number {
    if (members === this.#newest) return 0;
    let joined = 0;
    for (const id of members?.keys() ?? []) if (!this.#newest?.has(id) && !this.#lost.has(id)) joined++;
    return joined;
  }

  #isMassLoss(
    members: ReadonlyMap<string, M> | undefined,
    missing: ReadonlyMap<string, M>,
    joined: number,
    signs: Signs,
  ): boolean {
    const { holdMs, nameShare } = this.#source.settings;
    if (holdMs <= 0 || !this.#wasRead) return false;
    if (missing.size === 0) {
      const vanished = this.#newest?.size === 0 && members === undefined && signs !== "all";
      return vanished && this.#isCounted && this.#source.hasMassLoss(1);
    }
    if (!members || members.size === 0) return true;
    const net = this.#window?.net(this.#source.clock.now()) ?? 0;
    const before = (this.#newest?.size ?? 0) - net;
    const loss = missing.size - joined - net;
    return (loss > 0 && loss > nameShare * before) || (missing.size > joined && this.#source.hasMassLoss(0));
  }

  #countMoves(moves: Required<Moves>): void {
    if (moves.joined === 0 && moves.lost === 0 && moves.signed === 0) return;
    this.#window ??= new LossWindow(this.#source.settings.holdMs);
    this.#window.add(this.#source.clock.now(), moves);
  }

  /** How many of the newest reading are gone because the source says so. */
  #signedOff(members: ReadonlyMap<string, M> | undefined, missing: ReadonlyMap<string, M>): number {
    let gone = 0;
    for (const id of this.#newest?.keys() ?? []) if (!members?.has(id) && !missing.has(id)) gone++;
    return gone;
  }

  #begin(members: ReadonlyMap<string, M> | undefined, missing: ReadonlyMap<string, M>, joined: number): void {
    const { clock, settings } = this.#source;
    const since = clock.wall();
    const timer = clock.timer(settings.holdMs, () => this.#decide());
    this.#hold = { since, until: since + settings.holdMs, joined, timer };
    this.#count(members, true);
    this.#newest = members;
    this.#lost = missing;
    this.#source.tell("guard.held", { name: this.#key, lost: missing.size, left: members?.size ?? 0 });
    this.#announce();
  }

  #offerHeld(
    hold: Hold,
    members: ReadonlyMap<string, M> | undefined,
    missing: ReadonlyMap<string, M>,
    joined: number,
    signs: Signs,
  ): void {
    hold.joined = Math.max(0, hold.joined + joined - this.#signedOff(members, missing));
    const isEven = members !== undefined && missing.size <= hold.joined;
    const isShownAgain = isEven && (missing.size === 0 || members.size > 0);
    const isSigned = members === undefined && missing.size === 0 && (this.#lost.size > 0 || signs === "all");
    this.#count(members, true);
    this.#newest = members;
    this.#lost = missing;
    if (isShownAgain || isSigned) this.#end("shown again");
    else this.#announce();
  }

  /** The hold is over: a second look decides, and until there is one the hold goes on. */
  #decide(): void {
    const believer = this.#believer;
    const { confirm } = believer;
    if (!confirm) return void this.#believe("hold over");
    const backoff = this.#source.newBackoff();
    const attempt = (): void => this.#source.inTurn(read);
    const hold = this.#hold;
    const read = async (signal: AbortSignal): Promise<void> => {
      if (this.#hold !== hold || !hold) return;
      try {
        const reading = await untilAborted(confirm.call(believer, signal), signal);
        if (this.#hold === hold) this.#confirmed(reading);
      } catch (error) {
        if (this.#hold !== hold) return;
        const cause = error instanceof Error ? error.message : String(error);
        this.#source.tell("guard.unconfirmed", { name: this.#key, cause });
        hold.timer = this.#source.clock.timer(backoff.next(), attempt);
      }
    };
    attempt();
  }

  /** The same loss again is believed; anything else replaces what was held, and is a reading like any other. */
  #confirmed({ members, signs }: Reading<M>): void {
    const same = new Set(this.#missing(members, signs ?? noSigns).keys());
    // What was not lost before is lost anew only now: that is not the same loss, and is judged afresh.
    const known = new Map(this.#newest);
    for (const [id, member] of this.#lost) if (!same.has(id)) known.set(id, member);
    const wasMissing = this.#newest === undefined && known.size === 0;
    this.#newest = wasMissing ? undefined : known;
    this.#close("confirmed");
    this.offer(members, signs);
  }

  #believe(why: string): boolean {
    if (!this.#hold) return false;
    this.#end(why);
    return true;
  }

  #end(why: string): void {
    this.#close(why);
    this.#announce();
  }

  #close(why: string): void {
    this.#hold?.timer[Symbol.dispose]();
    this.#hold = undefined;
    this.#lost = nothing;
    this.#window?.clear();
    this.#source.tell("guard.released", { name: this.#key, why });
  }

  #accept(members: ReadonlyMap<string, M> | undefined, isLoss: boolean): void {
    this.#count(members, isLoss);
    this.#wasRead = true;
    this.#newest = members;
    this.#announce();
  }

  /** A name counts among the source's while it is there, and until a loss empties it. */
  #count(members: ReadonlyMap<string, M> | undefined, isLoss: boolean): void {
    const isEmpty = !members || members.size === 0;
    const wasEmptied = isEmpty && (this.#wasEmptied || (isLoss && (this.#newest?.size ?? 0) + this.#lost.size > 0));
    this.#wasEmptied = wasEmptied;
    const isThere = members !== undefined && !wasEmptied;
    if (isThere === this.#isCounted) return;
    this.#isCounted = isThere;
    if (isThere) this.#source.countName(1, this.#wasRead ? 1 : 0);
    else this.#source.countName(-1, isLoss ? -1 : 0);
  }

  #announce(): void {
    const held = this.held;
    if (!held) return this.#believer.believe({ members: this.#newest });
    this.#believer.believe({ members: new Map([...this.#lost, ...(this.#newest ?? [])]), held });
  }
}
