/** Who is watched by a waiting query and who is swept: keeps every followed name of one agent current, with few connections. */
import { Backoff, type BlockingIndex, type Clock, isBefore, nextIndex, type Random, sleep } from "linkspan/plugin";
import type { AgentAnswer } from "./agent.ts";
import type { Catalogue } from "./catalogue.ts";
import { MOST_READS, MOST_WATCHES } from "./connections.ts";
import type { Followed } from "./followed.ts";
import { Pace } from "./pace.ts";
import { ReadQueue } from "./read-queue.ts";
import { ScheduledName } from "./scheduled-name.ts";
import { Slots } from "./slots.ts";

/** At most a minute: an agent keeps the connection of a query that was given up until its wait ends. */
export const WAIT_MS = 30_000;
/** Waits differ by as much, so that they do not end together. */
const WAIT_SPREAD = 0.1;
/** A watch is given this long to say by itself what a second look has found. */
const GRACE_MS = 500;

export interface ScheduleOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** For tests. */
  readonly watches?: number;
  readonly waitMs?: number;
}

/** What was known of a name at some time. */
interface Seen {
  readonly epoch: number;
  readonly index: BlockingIndex | undefined;
}

/**
 * Every name is read once, then watched while there is a slot. When there is none, the names that were asked for last
 * are watched; the rest are read again when their catalogue changes.
 */
export class Schedule implements Disposable {
  readonly #clock: Clock;
  readonly #random: Random;
  /** How long a query waits at most. */
  readonly waitMs: number;
  readonly #slots: Slots;
  readonly #queue: ReadQueue<ScheduledName>;
  readonly #names = new Map<Followed, ScheduledName>();
  readonly #end = new AbortController();
  #asked = 0;

  constructor({ clock, random, watches = MOST_WATCHES, waitMs = WAIT_MS }: ScheduleOptions) {
    this.#clock = clock;
    this.#random = random;
    this.waitMs = waitMs;
    this.#slots = new Slots(watches, clock);
    this.#queue = new ReadQueue(MOST_READS, (name) => this.#read(name));
  }

  /** How many names are followed, and how many of them are watched. */
  get size(): { readonly names: number; readonly watched: number } {
    const names = [...this.#names.values()];
    return { names: names.length, watched: names.filter((name) => name.isWatched).length };
  }

  /** Keeps a name current until it is disposed. */
  follow(followed: Followed): Disposable {
    const name = new ScheduledName(followed, ++this.#asked, new Backoff(100, 30_000, this.#random));
    this.#names.set(followed, name);
    const membership = followed.catalogue.enter();
    const { down } = followed.catalogue;
    if (down) followed.failed(down);
    else this.#queue.push(name, true);
    return {
      [Symbol.dispose]: () => {
        this.#names.delete(followed);
        this.#queue.drop(name);
        name.close();
        membership[Symbol.dispose]();
      },
    };
  }

  /** Somebody asks for the name again. */
  touch(followed: Followed): void {
    const name = this.#names.get(followed);
    if (name) name.askedAt = ++this.#asked;
  }

  /** Something of the catalogue has changed: whoever is not watched is read again, or all are. */
  sweep(catalogue: Catalogue, who: "swept" | "all"): void {
    for (const name of this.#of(catalogue)) {
      if (name.isReading || (name.wasRead && (who === "all" || !name.isWatched))) this.#queueRead(name, false);
    }
  }

  /** Whether any of its names is kept current by sweeps alone. */
  hasSwept(catalogue: Catalogue): boolean {
    for (const name of this.#of(catalogue)) if (name.wasRead && !name.isWatched) return true;
    return false;
  }

  /** Nothing of the catalogue can be asked. */
  lost(catalogue: Catalogue, cause: Error): void {
    for (const name of this.#of(catalogue)) {
      this.#queue.drop(name);
      name.stopWaiting();
      name.followed.failed(cause);
    }
  }

  /** It can be asked again: everything is read anew, what is watched first. */
  found(catalogue: Catalogue): void {
    const names = [...this.#of(catalogue)].sort((a, b) => b.askedAt - a.askedAt);
    for (const name of names) {
      name.backoff.reset();
      this.#queueRead(name, true);
    }
  }

  [Symbol.dispose](): void {
    this.#end.abort(new Error("the schedule is closed"));
    this.#queue.close();
    this.#slots[Symbol.dispose]();
    for (const name of this.#names.values()) name.close();
    this.#names.clear();
  }

  *#of(catalogue: Catalogue): Iterable<ScheduledName> {
    for (const name of this.#names.values()) if (name.followed.catalogue === catalogue) yield name;
  }

  async #read(name: ScheduledName): Promise<void> {
    const { signal } = this.#end;
    const { epoch, index } = name;
    name.isReading = true;
    try {
      const answer = await name.followed.ask({ lane: "read", signal });
      if (name.isWatched) await this.#lookAgain(name, answer, { epoch, index });
      else if (!name.isClosed) {
        name.take(answer);
        name.index = answer.index;
        if (isBefore(answer.index, index)) name.followed.catalogue.lookAgain();
      }
      name.backoff.reset();
    } catch (error) {
      if (!name.isClosed && !signal.aborted) this.#failed(name, error as Error);
      return;
    } finally {
      name.isReading = false;
    }
    if (name.isDirty) this.#queueRead(name, false);
    this.#place(name);
  }

  /** What a read found of a name that a waiting query watches; `before` is of when the read was asked. */
  async #lookAgain(name: ScheduledName, answer: AgentAnswer, before: Seen): Promise<void> {
    const isBehind = isBefore(answer.index, before.index);
    if (isBehind || name.followed.isNews(answer)) await sleep(this.#clock, GRACE_MS, this.#end.signal);
    if (name.isClosed || !name.isWatched) return;
    // What the watch has told since is newer, and it has ears, unless it waits for an index of a server that began anew.
    const isOld = name.epoch !== before.epoch;
    const isNews = !isOld && name.take(answer);
    if (isNews) name.followed.repaired();
    if (!isNews && !isBehind) return;
    name.index = isOld ? undefined : answer.index;
    name.leaveWatch();
  }

  #queueRead(name: ScheduledName, isUrgent: boolean): void {
    name.isDirty = name.isReading;
    if (!name.isReading) this.#queue.push(name, isUrgent);
  }

  #failed(name: ScheduledName, cause: Error): void {
    const { catalogue } = name.followed;
    name.followed.failed(cause);
    name.wait(this.#clock, name.backoff.next(), () => {
      if (!catalogue.down) this.#queueRead(name, true);
    });
    catalogue.trouble(cause);
  }

  #place(name: ScheduledName): void {
    if (name.isClosed || name.isWatched || !name.wasRead) return;
    if (this.#slots.free > 0 && name.mayBeWatchedAt <= this.#clock.now()) void this.#watch(name);
    else name.followed.catalogue.sweeps();
  }

  async #watch(name: ScheduledName): Promise<void> {
    const { signal } = this.#end;
    this.#slots.take();
    const isMine = name.beginWatch();
    try {
      await this.#watchWhile(name, () => isMine() && !name.isClosed, signal);
      if (isMine()) name.leaveWatch();
      this.#slots.give();
    } catch {
      if (signal.aborted) return;
      this.#slots.giveLater(() => this.#placeNext());
      if (!isMine()) return;
      name.leaveWatch();
      name.mayBeWatchedAt = this.#clock.now() + name.watchBackoff(this.#random);
      // A read says whether it is the agent that fails, or this one query.
      if (!name.isClosed && !name.followed.catalogue.down) this.#queueRead(name, true);
      return;
    }
    this.#placeNext();
    if (!name.isClosed) name.followed.catalogue.sweeps();
  }

  async #watchWhile(name: ScheduledName, isWanted: () => boolean, signal: AbortSignal): Promise<void> {
    const pace = new Pace(this.#clock, this.#random);
    while (isWanted()) {
      const askedAt = this.#clock.now();
      const { epoch, index } = name;
      const waitMs = this.waitMs * (1 - this.#random.next() * WAIT_SPREAD);
      const waiting = index === undefined ? {} : { index, waitMs };
      const answer = await name.followed.ask({ lane: "watch", signal, ...waiting });
      if (!isWanted()) return;
      if (isBefore(answer.index, index)) name.followed.catalogue.lookAgain();
      // Where a second look was taken meanwhile only a third one says which is newer.
      const isLate = name.epoch !== epoch;
      const isNews = !isLate && name.take(answer);
      name.index = isLate ? undefined : nextIndex(index, answer.index);
      name.watchedWell();
      if (this.#isOutdone(name)) return;
      const pauseMs = isLate ? 0 : pace.next(askedAt, isNews);
      if (pauseMs > 0) await sleep(this.#clock, pauseMs, signal);
    }
  }

  /** Whether the slot is due to a name that was asked for later. */
  #isOutdone(name: ScheduledName): boolean {
    return this.#slots.free <= 0 && (this.#newestSwept()?.askedAt ?? 0) > name.askedAt;
  }

  #placeNext(): void {
    const next = this.#slots.free > 0 ? this.#newestSwept() : undefined;
    if (next) void this.#watch(next);
  }

  #newestSwept(): ScheduledName | undefined {
    const now = this.#clock.now();
    let newest: ScheduledName | undefined;
    for (const name of this.#names.values()) {
      if (!name.wasRead || name.isWatched || name.mayBeWatchedAt > now || name.followed.catalogue.down) continue;
      if (name.askedAt > (newest?.askedAt ?? 0)) newest = name;
    }
    return newest;
  }
}
