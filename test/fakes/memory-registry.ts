/** A registry in memory that announcers write to, with leases, elections, a journal of every write, and troubles. */
import type { Instance } from "../../src/base/instance.ts";
import { failed, ok } from "../../src/base/var.ts";
import type { Owner } from "../../src/naming/announcer.ts";
import type { Path } from "../../src/naming/path.ts";
import type { MemoryAnnouncer } from "./memory-announcer.ts";
import { ToldVar } from "./told-var.ts";

export interface MemoryEntry {
  readonly key: string;
  readonly instance: Instance;
  /** Who wrote it; undefined for what the registry's own users put there. */
  readonly owner?: Owner;
  /** Whose life it hangs on. */
  readonly by?: MemoryAnnouncer;
}

export interface MemoryWrite {
  readonly op: "create" | "update" | "delete" | "expire";
  readonly path: string;
  readonly entry: MemoryEntry;
  /** Whose hand it was; undefined for the registry's own users and for leases that ended. */
  readonly by?: Owner;
}

export interface MemoryOperation {
  readonly op: "standing" | "owned" | "create" | "update" | "delete";
  readonly path: string;
  readonly by: MemoryAnnouncer;
}

export type Candidacy = ToldVar<{ readonly leads: boolean; readonly leader?: string }>;

interface Candidate {
  readonly owner: Owner;
  readonly by: MemoryAnnouncer;
  readonly state: Candidacy;
}

export class MemoryRegistry {
  readonly journal: MemoryWrite[] = [];
  /** Runs before each operation of an announcer: it may wait, throw, or return what becomes of a write instead. */
  gate: (operation: MemoryOperation) => void | Promise<void> = () => undefined;
  /** What an announcer was told to remove although it is someone else's. */
  readonly offences: string[] = [];
  /** Why nothing may be written at a path. */
  readonly refusals = new Map<string, string>();
  readonly #paths = new Map<string, { readonly path: Path; readonly entries: Map<string, MemoryEntry> }>();
  readonly #announcers = new Set<MemoryAnnouncer>();
  readonly #candidates: Candidate[] = [];
  readonly #listeners = new Set<() => void>();
  #natives = 0;
  #outage: Error | undefined;

  /** Of announcers that were used and not closed. */
  get connections(): number {
    return this.#announcers.size;
  }

  get outage(): Error | undefined {
    return this.#outage;
  }

  connect(announcer: MemoryAnnouncer): void {
    this.#announcers.add(announcer);
  }

  disconnect(announcer: MemoryAnnouncer): void {
    this.#announcers.delete(announcer);
  }

  paths(): readonly Path[] {
    return [...this.#paths.values()].map(({ path }) => path);
  }

  at(path: Path): readonly MemoryEntry[] {
    return [...(this.#paths.get(path.show)?.entries.values() ?? [])];
  }

  find(path: Path, key: string): MemoryEntry | undefined {
    return this.#paths.get(path.show)?.entries.get(key);
  }

  /** Puts or changes what the registry's own users have there. */
  native(path: Path, instance: Instance): void {
    const known = this.at(path).find(({ instance: { id }, owner }) => owner === undefined && id === instance.id);
    this.set(path, { key: known?.key ?? `native-${this.#natives++}`, instance });
  }

  removeNative(path: Path, id: string): void {
    const known = this.at(path).find(({ instance, owner }) => owner === undefined && instance.id === id);
    if (known) this.remove(path, known, "delete");
  }

  set(path: Path, entry: MemoryEntry): void {
    const place = this.#paths.get(path.show) ?? { path, entries: new Map<string, MemoryEntry>() };
    this.#paths.set(path.show, place);
    this.journal.push({
      op: place.entries.has(entry.key) ? "update" : "create",
      path: path.show,
      entry,
      ...byOf(entry),
    });
    place.entries.set(entry.key, entry);
    this.#changed();
  }

  remove(path: Path, entry: MemoryEntry, op: "delete" | "expire", by?: Owner): void {
    if (!this.#paths.get(path.show)?.entries.delete(entry.key)) return;
    this.journal.push({ op, path: path.show, entry, ...(by ? { by } : {}) });
    this.#changed();
  }

  /** Calls `fn` after every change, until disposed. */
  observe(fn: () => void): Disposable {
    this.#listeners.add(fn);
    return { [Symbol.dispose]: () => void this.#listeners.delete(fn) };
  }

  /** What hangs on the announcer's life goes, and its place among the candidates. */
  bury(announcer: MemoryAnnouncer): void {
    this.#end(announcer);
    this.depose(announcer);
  }

  /** Its place among the candidates goes, and nothing that it wrote. */
  depose(announcer: MemoryAnnouncer): void {
    this.#leave((candidate) => candidate.by === announcer);
  }

  /** It loses the lead, and stands for it again, behind the others. */
  unseat(announcer: MemoryAnnouncer): void {
    const stood = this.#candidates.filter((candidate) => candidate.by === announcer);
    this.depose(announcer);
    for (const candidate of stood) this.#candidates.push(candidate);
    this.#tellAll();
  }

  /** Those whose process ended, and who still have a place among the candidates. */
  deadCandidates(): readonly MemoryAnnouncer[] {
    return this.#candidates.map(({ by }) => by).filter(({ isDead }) => isDead);
  }

  /** The announcer's lease is lost, while it lives on. */
  expire(announcer: MemoryAnnouncer): void {
    this.#end(announcer);
    this.unseat(announcer);
    announcer.renew();
  }

  down(cause = new Error("the registry cannot be reached")): void {
    this.#outage = cause;
    for (const announcer of this.#announcers) announcer.lease.say(failed(cause));
    for (const { state } of this.#candidates) state.say(failed(cause));
  }

  up(): void {
    this.#outage = undefined;
    for (const announcer of this.#announcers) announcer.confirm();
    this.#tellAll();
  }

  stand(owner: Owner, by: MemoryAnnouncer): Candidacy {
    const state: Candidacy = new ToldVar();
    this.#candidates.push({ owner, by, state });
    this.#tellAll();
    return state;
  }

  resign(state: Candidacy): void {
    this.#leave((candidate) => candidate.state === state);
  }

  #leave(isGone: (candidate: Candidate) => boolean): void {
    for (const gone of this.#candidates.filter(isGone)) {
      this.#candidates.splice(this.#candidates.indexOf(gone), 1);
      gone.state.say(ok({ leads: false }));
    }
    this.#tellAll();
  }

  #tellAll(): void {
    if (this.#outage) return;
    // Who loses hears it before who wins.
    for (const leads of [false, true]) {
      for (const { owner, state } of this.#candidates.slice()) {
        const leader = this.#candidates.find((other) => other.owner.group === owner.group);
        if ((leader?.state === state) === leads)
          state.say(ok({ leads, ...(leader ? { leader: leader.owner.member } : {}) }));
      }
    }
  }

  #end(announcer: MemoryAnnouncer): void {
    for (const { path, entries } of this.#paths.values()) {
      for (const entry of entries.values()) if (entry.by === announcer) this.remove(path, entry, "expire");
    }
  }

  #changed(): void {
    for (const fn of this.#listeners) fn();
  }
}

const byOf = ({ owner }: MemoryEntry): { readonly by?: Owner } => (owner ? { by: owner } : {});
