/** One place in ZooKeeper that an announcer writes to: a Curator service or a serverset. */
import {
  type Announcement,
  type EntryChange,
  type EntryMark,
  type EntryOutcome,
  type Instance,
  type Owner,
  type PlannedWrite,
  type PluginContext,
  showMark,
  type Standing,
  type StandingEntry,
  Turnstile,
  untilAborted,
  type Var,
} from "linkspan/plugin";
import { deleteAll, type Outcome } from "./batches.ts";
import type { EntryFormat } from "./entry-format.ts";
import type { EntrySessions } from "./entry-sessions.ts";
import { EntryConflict, EntryRefused, KeptEntry } from "./kept-entry.ts";
import { NO_ORIGIN } from "./marked-instance.ts";
import { PlaceGuard } from "./place-guard.ts";
import { type PlaceEntry, PlaceView } from "./place-reading.ts";

/** An instance as it was put, and the entry that was made of it. */
interface Put {
  readonly entry: KeptEntry;
  readonly registeredAt: number;
}

export interface AnnouncementParts {
  /** The node that entries stand below. */
  readonly place: string;
  readonly owner: Owner;
  readonly format: EntryFormat;
  readonly sessions: EntrySessions;
  readonly context: PluginContext;
  /** It is open no more. */
  ended(): void;
}

const MOST_WAITING = 100;
const done: EntryOutcome = { tag: "done" };

export class EntryAnnouncement implements Announcement {
  readonly #parts: AnnouncementParts;
  /** By the text of the mark. */
  readonly #puts = new Map<string, Put>();
  readonly #turns = new Turnstile(1, MOST_WAITING);
  readonly #guard: PlaceGuard;
  readonly #view: PlaceView;

  constructor(parts: AnnouncementParts) {
    this.#parts = parts;
    this.#view = new PlaceView(parts.place, parts.format, parts.sessions);
    const kept = (): readonly KeptEntry[] => [...this.#puts.values()].map((put) => put.entry);
    this.#guard = new PlaceGuard(parts.place, parts.sessions, kept, parts.context);
  }

  get lease(): Var<number> {
    return this.#parts.sessions.lease;
  }

  async standing(signal: AbortSignal): Promise<Standing> {
    signal.throwIfAborted();
    return untilAborted(this.#read(), signal);
  }

  plan(changes: readonly EntryChange[]): readonly PlannedWrite[] {
    return changes.flatMap((change): readonly PlannedWrite[] => {
      if (change.op === "remove") return [{ op: "delete", object: change.key }];
      try {
        return this.#planned(change.instance);
      } catch {
        // What is refused is not written.
        return [];
      }
    });
  }

  /** What is on its way when `signal` aborts counts as failed; it may be done nevertheless. */
  async write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    try {
      signal.throwIfAborted();
      return await untilAborted(
        this.#turns.pass(async () => this.#write(changes)),
        signal,
      );
    } catch (error) {
      return changes.map(() => outcomeOf({ error: error as Error }));
    }
  }

  abandon(): Promise<void> {
    return this.#end(async (entries) => this.#parts.sessions.abandon(entries));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end((entries) => this.#parts.sessions.remove(entries));
  }

  /** After what is being written. Idempotent. */
  async #end(letGo: (entries: readonly KeptEntry[]) => Promise<unknown>): Promise<void> {
    this.#guard[Symbol.dispose]();
    await this.#turns.pass(async () => {
      const entries = [...this.#puts.values()].map((put) => put.entry);
      this.#puts.clear();
      if (entries.length > 0) await letGo(entries);
    });
    this.#parts.ended();
  }

  async #read(): Promise<Standing> {
    const seen = await this.#view.read();
    return { entries: [...seen].map(([key, entry]) => this.#standing(key, entry)) };
  }

  #standing(key: string, { instance, mark, session }: PlaceEntry): StandingEntry {
    const group = mark?.owner.group ?? (this.#isKept(key) ? this.#parts.owner.group : undefined);
    return { key, instance, ...(group === undefined ? {} : { group }), mine: this.#parts.sessions.owns(session) };
  }

  #isKept(path: string): boolean {
    for (const { entry } of this.#puts.values()) if (entry.at === path) return true;
    return false;
  }

  #planned(instance: Instance): readonly PlannedWrite[] {
    const mark = this.#markOf(instance);
    const put = this.#puts.get(showMark(mark));
    const data = this.#textOf(instance, mark, put, this.#parts.context.clock.wall());
    if (put?.entry.at === undefined) return [{ op: "create", object: this.#newEntry(mark, data).path, data }];
    return put.entry.data.equals(Buffer.from(data)) ? [] : [{ op: "update", object: put.entry.at, data }];
  }

  /** Creations first: what takes another entry's place is there before that goes. */
  async #write(changes: readonly EntryChange[]): Promise<readonly EntryOutcome[]> {
    const outcomes: EntryOutcome[] = changes.map(() => done);
    const tell = (at: number, outcome: Outcome): void => void (outcomes[at] = outcomeOf(outcome));
    const puts: (readonly [number, Instance])[] = [];
    const removals: (readonly [number, string])[] = [];
    for (const [at, change] of changes.entries()) {
      if (change.op === "put") puts.push([at, change.instance]);
      else removals.push([at, change.key]);
    }
    // Whoever writes without having read does not know what the others there look like.
    const unread = puts.length > 0 && !this.#view.isRead ? await this.#view.read().then(nothing, asError) : undefined;
    if (unread) for (const [at] of puts) tell(at, { error: unread });
    else if (puts.length > 0) await this.#putAll(puts, tell);
    if (removals.length > 0) await this.#removeAll(removals, tell);
    return outcomes;
  }

  async #putAll(puts: readonly (readonly [number, Instance])[], tell: Tell): Promise<void> {
    const { sessions, context } = this.#parts;
    const registeredAt = context.clock.wall();
    const made = new Map<string, { readonly at: number; readonly entry: KeptEntry }>();
    const updates: Promise<void>[] = [];
    for (const [at, instance] of puts) {
      try {
        const mark = this.#markOf(instance);
        const key = showMark(mark);
        const put = this.#puts.get(key);
        const data = this.#textOf(instance, mark, put, registeredAt);
        if (put) updates.push(this.#update(key, put, Buffer.from(data)).then((outcome) => tell(at, outcome)));
        else made.set(key, { at, entry: this.#newEntry(mark, data) });
      } catch (error) {
        tell(at, { error: error as Error });
      }
    }
    for (const [key, { entry }] of made) this.#puts.set(key, { entry, registeredAt });
    const created = await sessions.put([...made.values()].map(({ entry }) => entry));
    for (const [index, [key, { at, entry }]] of [...made].entries()) {
      tell(at, created[index] ?? { error: new Error("it was not tried") });
      if (!entry.isKept) this.#puts.delete(key);
    }
    await Promise.all(updates);
    if (this.#puts.size > 0) this.#guard.start();
  }

  async #update(key: string, { entry }: Put, data: Buffer): Promise<Outcome> {
    if (entry.at !== undefined && entry.data.equals(data)) return { at: entry.at };
    const { sessions } = this.#parts;
    const outcome = await sessions.inFlight.run(() => sessions.update(entry, data));
    if (!entry.isKept) this.#puts.delete(key);
    return outcome;
  }

  async #removeAll(removals: readonly (readonly [number, string])[], tell: Tell): Promise<void> {
    const { sessions } = this.#parts;
    const own: (readonly [number, string, KeptEntry])[] = [];
    const others: (readonly [number, string])[] = [];
    const kept = new Map([...this.#puts].map(([key, { entry }]) => [entry.at, [key, entry] as const]));
    for (const [at, path] of removals) {
      const put = kept.get(path);
      if (put) own.push([at, ...put]);
      else if (this.#view.groupOf(path) === this.#parts.owner.group) others.push([at, path]);
      else tell(at, { error: new EntryConflict(`${path} is not of ${this.#parts.owner.group}`) });
    }
    for (const [, key] of own) this.#puts.delete(key);
    const removed = await sessions.remove(own.map(([, , entry]) => entry));
    for (const [index, [at]] of own.entries()) tell(at, removed[index] ?? { at: "" });
    const deleted = await deleteAll(
      sessions.control,
      others.map(([, path]) => path),
    );
    for (const [index, [at]] of others.entries()) tell(at, deleted[index] ?? { at: "" });
  }

  #markOf({ id, origin = NO_ORIGIN }: Instance): EntryMark {
    return { owner: this.#parts.owner, origin, id };
  }

  /** `now` is when an entry is registered that is not there yet. */
  #textOf(instance: Instance, mark: EntryMark, put: Put | undefined, now: number): string {
    const registeredAt = put?.registeredAt ?? now;
    const around = { place: this.#parts.place, siblings: this.#view.siblings, registeredAt };
    return this.#parts.format.write(instance, mark, around);
  }

  #newEntry(mark: EntryMark, data: string): KeptEntry {
    const { place, format } = this.#parts;
    const { isSequential } = format;
    return new KeptEntry({ place, name: format.nameOf(mark), isSequential, data: Buffer.from(data) });
  }
}

const nothing = (): undefined => undefined;
const asError = (error: unknown): Error => error as Error;

type Tell = (at: number, outcome: Outcome) => void;

function outcomeOf(outcome: Outcome): EntryOutcome {
  if ("at" in outcome) return done;
  const { error } = outcome;
  if (error instanceof EntryConflict) return { tag: "conflict", cause: error.message };
  return { tag: error instanceof EntryRefused ? "refused" : "failed", cause: error.message };
}
