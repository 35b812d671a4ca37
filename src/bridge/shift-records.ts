/** The documents of all shifts: read as the store shows them, written with its consent, owed where it cannot be asked. */
import { type Documents, type DocumentStore, LARGEST_DOCUMENT, UNSAVED } from "../base/document-store.ts";
import type { Log } from "../base/log.ts";
import { OutageLog } from "../base/outage-log.ts";
import { type Clock, sleep } from "../base/time.ts";
import type { State } from "../base/var.ts";
import { decodeShift, encodeShift } from "./shift-codec.ts";
import { logChanges } from "./shift-log.ts";
import { reconcile } from "./shift-reconcile.ts";
import { isOver, type Shift } from "./shift.ts";

export interface ShiftsParts {
  readonly store: DocumentStore;
  /** Keeps what the store does not have yet, for a start while it cannot be asked. */
  readonly keep?: (name: string, text: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

interface Known {
  readonly shift: Shift;
  /** Of the store, which is what is written over; nothing where it has none. */
  readonly version: string | undefined;
  /** The store does not have it yet. */
  readonly isOwed: boolean;
}

/** What people are shown of a store. */
export interface StoreView {
  readonly place: string;
  readonly state: "pending" | "ok" | "stale" | "failed";
  readonly cause?: string;
  /** Shifts whose newest change the store does not have yet. */
  readonly owed: readonly string[];
}

/** More are not read: a store that holds so many is not ours alone. */
const MAX_SHIFTS = 1_000;
const WRITE_MS = 5_000;
/** After a conflict: so long the store may take to show what is there. */
const SHOW_MS = 2_000;
/** An order that is in force here waits so long for the store before it is answered. */
const TELL_MS = 1_000;
const RETRY_MS = 1_000;

export class ShiftRecords implements Disposable {
  readonly #parts: ShiftsParts;
  readonly #changed: () => void;
  readonly #known = new Map<string, Known>();
  readonly #owed = new Map<string, Promise<void>>();
  /** Versions that cannot be read, by name: each is told once. */
  readonly #unreadable = new Map<string, string>();
  readonly #outages: OutageLog;
  readonly #end = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  #state: State<Documents> = { tag: "pending" };
  #isFirst = true;
  readonly #following: Disposable;
  readonly #shown = new Set<() => void>();

  constructor(parts: ShiftsParts, changed: () => void) {
    this.#parts = parts;
    this.#changed = changed;
    const events = { failed: "shift.stale", recovered: "shift.recovered" };
    this.#outages = new OutageLog(parts.log, parts.clock, events);
    this.#following = parts.store.documents.observe((state) => this.#heard(state));
  }

  get all(): readonly Shift[] {
    return [...this.#known.values()].map(({ shift }) => shift);
  }

  get view(): StoreView {
    const { place } = this.#parts.store;
    const state = this.#state;
    const cause = state.tag === "failed" ? state.cause : state.tag === "ok" ? state.stale?.cause : undefined;
    return {
      place,
      state: state.tag === "ok" && state.stale !== undefined ? "stale" : state.tag,
      ...(cause === undefined ? {} : { cause: cause.message }),
      owed: [...this.#owed.keys()],
    };
  }

  get(name: string): Shift | undefined {
    return this.#known.get(name)?.shift;
  }

  async whenKnown(withinMs: number): Promise<void> {
    await Promise.race([
      this.#first.promise,
      sleep(this.#parts.clock, withinMs, this.#end.signal).catch(() => undefined),
    ]);
  }

  /** False where another change came first, which is known by then. Rejects where the store cannot be asked. */
  async write(shift: Shift): Promise<boolean> {
    const { name } = shift.plan;
    const over = this.#known.get(name)?.version;
    const version = await this.#put(shift, over);
    if (version !== undefined) this.#written({ shift, version, isOwed: false });
    else await this.#untilShown(name, over);
    return version !== undefined;
  }

  /** In force at once; the store is told as often as it takes. */
  async takeNow(shift: Shift): Promise<void> {
    const { name } = shift.plan;
    this.#take({ shift, version: this.#known.get(name)?.version, isOwed: true });
    const told = this.#owe(name);
    await Promise.race([told, sleep(this.#parts.clock, TELL_MS, this.#end.signal).catch(() => undefined)]);
  }

  [Symbol.dispose](): void {
    this.#end.abort(new Error("shifts are not followed any more"));
    this.#following[Symbol.dispose]();
    this.#first.resolve();
  }

  #heard(state: State<Documents>): void {
    this.#state = state;
    const trouble = state.tag === "failed" ? state.cause : state.tag === "ok" ? state.stale?.cause : undefined;
    const { place } = this.#parts.store;
    if (trouble !== undefined) this.#outages.failed(trouble, { store: place });
    else if (state.tag === "ok") this.#outages.succeeded({ store: place });
    if (state.tag !== "ok") return;
    for (const [name, { text, version }] of [...state.value].slice(0, MAX_SHIFTS)) {
      if (this.#known.get(name)?.version !== version) this.#read(name, text, version);
    }
    for (const [name, { shift, version }] of this.#known) {
      if (version !== undefined && isOver(shift.stage) && !state.value.has(name)) this.#known.delete(name);
    }
    this.#isFirst = false;
    this.#first.resolve();
    for (const shown of this.#shown) shown();
    this.#changed();
  }

  #read(name: string, text: string, version: string): void {
    let stored: Shift;
    try {
      if (text.length > LARGEST_DOCUMENT) throw new Error(`it is longer than ${LARGEST_DOCUMENT} letters`);
      stored = decodeShift(text);
      if (stored.plan.name !== name) throw new Error(`it is about ${stored.plan.name}`);
    } catch (error) {
      if (this.#unreadable.get(name) === version) return;
      this.#unreadable.set(name, version);
      return this.#parts.log.warn("shift.unreadable", { shift: name, cause: (error as Error).message });
    }
    const known = this.#known.get(name);
    if (version === UNSAVED) return this.#takeOwed({ shift: stored, version: undefined, isOwed: true });
    const { shift, isOwed } = reconcile(known?.shift, stored);
    if (isOwed && (known?.isOwed === true || shift !== known?.shift)) return this.#takeOwed({ shift, version, isOwed });
    // What is shown late is older than what was written since, and not what is to be written over.
    if (shift !== known?.shift) this.#take({ shift, version, isOwed: false });
  }

  #takeOwed(known: Known): void {
    this.#take(known);
    void this.#owe(known.shift.plan.name);
  }

  #take(next: Known): void {
    const { shift } = next;
    const { name } = shift.plan;
    const before = this.#known.get(name);
    this.#known.set(name, next);
    if (before?.shift === shift) return;
    if (!this.#isFirst) logChanges(this.#parts.log, shift, before?.shift.revision ?? shift.run - 1);
    this.#changed();
  }

  #owe(name: string): Promise<void> {
    const known = this.#known.get(name);
    if (known !== undefined) this.#parts.keep?.(name, encodeShift(known.shift));
    const under = this.#owed.get(name);
    if (under !== undefined) return under;
    const paying = this.#pay(name).finally(() => this.#owed.delete(name));
    this.#owed.set(name, paying);
    return paying;
  }

  async #pay(name: string): Promise<void> {
    const { clock } = this.#parts;
    for (let known = this.#known.get(name); known?.isOwed === true; known = this.#known.get(name)) {
      const { shift, version: over } = known;
      const version = await this.#put(shift, over).catch((): typeof FAILED => FAILED);
      if (this.#end.signal.aborted) return;
      if (version === FAILED) await sleep(clock, RETRY_MS, this.#end.signal).catch(() => undefined);
      else if (version === undefined) await this.#untilShown(name, over);
      else this.#paid(name, shift, version);
    }
  }

  /** The store may have shown it already, and what others made of it. */
  #written(next: Known): void {
    const now = this.#known.get(next.shift.plan.name)?.shift;
    const isNews = now === undefined || now.run < next.shift.run || now.revision < next.shift.revision;
    if (isNews) this.#take(next);
  }

  /** What came after it is still owed. */
  #paid(name: string, shift: Shift, version: string): void {
    const now = this.#known.get(name);
    if (now?.isOwed !== true) return;
    this.#known.set(name, { ...now, version, isOwed: now.shift.revision > shift.revision });
  }

  /** Rejects where that cannot be told in time. */
  async #put(shift: Shift, over: string | undefined): Promise<string | undefined> {
    const { store, clock } = this.#parts;
    const late = new AbortController();
    const tooLate = sleep(clock, WRITE_MS, late.signal).then(
      () => Promise.reject(new Error(`${store.place} has not answered within ${WRITE_MS / 1_000} s`)),
      () => undefined,
    );
    try {
      return await Promise.race([store.write(shift.plan.name, encodeShift(shift), over), tooLate]);
    } finally {
      late.abort();
    }
  }

  /** Until the store shows another version than `over`, which is then what is to be written over. */
  async #untilShown(name: string, over: string | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      const version = this.#state.tag === "ok" ? this.#state.value.get(name)?.version : undefined;
      if (version === undefined || version === over) return;
      const known = this.#known.get(name);
      if (known !== undefined) this.#known.set(name, { ...known, version });
      resolve();
    };
    this.#shown.add(look);
    look();
    await Promise.race([promise, sleep(this.#parts.clock, SHOW_MS, this.#end.signal).catch(() => undefined)]);
    this.#shown.delete(look);
  }
}

const FAILED = Symbol("the store did not say");
