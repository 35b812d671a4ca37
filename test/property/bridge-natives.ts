/** What is at home in one registry, what it says of that, and a second reading of what the rule of mirrors makes of it. */
import type { Clock } from "../../src/base/time.ts";

/** What the registry's own users registered. */
export interface Native {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly ready: boolean;
}

/** Why an instance is not said: by a sign, taken away while all who follow heard it, in a gap, or behind a lie. */
type Why = "unready" | "deleted" | "silent";

export interface Word {
  /** Since when it has not been said to be ready; undefined while it is. */
  since: number | undefined;
  why: Why;
  /** When it came back last, from when on it had not been said, and why. */
  back: { readonly at: number; readonly since: number; readonly why: Why } | undefined;
  isSaid: boolean;
}

export interface NativeStore {
  /** Whether a watch tells what is written and erased, itself, where lists lie. */
  readonly watchesTell: boolean;
  write(native: Native): void;
  erase(native: Native): void;
}

export class Natives {
  readonly #all = new Map<string, Native>();
  readonly #words = new Map<string, Word>();
  readonly #store: NativeStore;
  readonly #clock: Clock;
  /** How many were said to be ready, by when that changed. */
  #counts: readonly { readonly at: number; readonly ready: number }[] = [];
  #joinedAt: readonly number[] = [];
  #isLying = false;
  /** What was written behind the lie of now, where a watch told it. */
  readonly #heard = new Set<string>();
  /** Whether nobody hears now what happens. */
  #isInGap = false;

  constructor(store: NativeStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get all(): readonly Native[] {
    return [...this.#all.values()];
  }

  get ready(): readonly Native[] {
    return this.all.filter(({ ready }) => ready);
  }

  find(id: string): Native | undefined {
    return this.#all.get(id);
  }

  set(native: Native): void {
    if (!this.#all.has(native.id)) this.#joinedAt = [...this.#joinedAt.slice(-100), this.#clock.now()];
    this.#all.set(native.id, native);
    this.#store.write(native);
    if (this.#isLying && this.#store.watchesTell && !this.#isInGap) this.#heard.add(native.id);
    this.#note();
  }

  remove(native: Native): void {
    if (!this.#all.delete(native.id)) return;
    this.#store.erase(native);
    this.#note();
  }

  lies(lies: boolean): void {
    this.#isLying = lies;
    this.#heard.clear();
    this.#note();
  }

  gap(isInGap: boolean): void {
    this.#isInGap = isInGap;
    this.#heard.clear();
  }

  word(id: string): Word | undefined {
    return this.#words.get(id);
  }

  /** The most that were said to be ready at one time since then. */
  mostReady(since: number): number {
    const within = this.#counts.filter(({ at }) => at >= since);
    const before = this.#counts.findLast(({ at }) => at < since);
    return Math.max(0, ...[...within, ...(before ? [before] : [])].map(({ ready }) => ready));
  }

  /** How many have come since then. */
  joined(since: number): number {
    return this.#joinedAt.filter((at) => at >= since).length;
  }

  #note(): void {
    const at = this.#clock.now();
    for (const { id } of this.#all.values())
      if (!this.#words.has(id)) this.#words.set(id, { since: at, why: "unready", back: undefined, isSaid: false });
    for (const [id, word] of this.#words) this.#noteOne(id, word, at);
    const ready = this.#isLying ? 0 : this.ready.length;
    this.#counts = [...this.#counts.slice(-200), { at, ready }];
  }

  #noteOne(id: string, word: Word, at: number): void {
    const native = this.#all.get(id);
    const isSaid = !this.#isLying && native?.ready === true;
    if (isSaid) {
      if (!word.isSaid) word.back = { at, since: word.since ?? at, why: word.why };
      word.isSaid = true;
      word.since = undefined;
      return;
    }
    word.since ??= at;
    if (word.isSaid) word.why = this.#isLying || this.#isInGap ? "silent" : "deleted";
    // A sign counts whenever it is heard: a watch may tell of it where lists lie.
    if (native?.ready === false) word.why = "unready";
    if (native === undefined && this.#heard.delete(id)) [word.why, word.since] = ["deleted", at];
    word.isSaid = false;
  }
}
