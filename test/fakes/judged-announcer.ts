/** Any announcer, with a judge who hears of each removal before it is made. */
import type {
  Announcement,
  Announcer,
  Election,
  EntryChange,
  EntryOutcome,
  Owner,
  PlannedWrite,
  Standing,
  StandingEntry,
} from "../../src/naming/announcer.ts";
import type { Path } from "../../src/naming/path.ts";

/** `standing` is what was read last; the entry is among it. */
export type Judge = (entry: StandingEntry, standing: Standing, owner: Owner) => void;

export class JudgedAnnouncer implements Announcer {
  readonly inner: Announcer;
  readonly #judge: Judge;

  constructor(inner: Announcer, judge: Judge) {
    this.inner = inner;
    this.#judge = judge;
  }

  announce(path: Path, owner: Owner): Announcement {
    return new JudgedAnnouncement(this.inner.announce(path, owner), owner, this.#judge);
  }

  owned(group: string, signal: AbortSignal): Promise<readonly Path[]> {
    return this.inner.owned(group, signal);
  }

  elect(owner: Owner): Election {
    return this.inner.elect(owner);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.inner[Symbol.asyncDispose]();
  }
}

class JudgedAnnouncement implements Announcement {
  readonly #inner: Announcement;
  readonly #owner: Owner;
  readonly #judge: Judge;
  #standing: Standing = { entries: [] };

  constructor(inner: Announcement, owner: Owner, judge: Judge) {
    this.#inner = inner;
    this.#owner = owner;
    this.#judge = judge;
  }

  get lease(): Announcement["lease"] {
    return this.#inner.lease;
  }

  async standing(signal: AbortSignal): Promise<Standing> {
    this.#standing = await this.#inner.standing(signal);
    return this.#standing;
  }

  plan(changes: readonly EntryChange[]): readonly PlannedWrite[] {
    return this.#inner.plan(changes);
  }

  write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    for (const change of changes) {
      if (change.op === "put") continue;
      const entry = this.#standing.entries.find(({ key }) => key === change.key);
      if (entry) this.#judge(entry, this.#standing, this.#owner);
    }
    return this.#inner.write(changes, signal);
  }

  abandon(): Promise<void> {
    return this.#inner.abandon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
