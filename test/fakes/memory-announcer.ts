/** An announcer of the registry in memory: one daemon's, with a lease of its own. */
import { untilAborted } from "../../src/base/guarded.ts";
import { ok } from "../../src/base/var.ts";
import type {
  Announcement,
  Announcer,
  Election,
  EntryChange,
  EntryOutcome,
  Owner,
  PlannedWrite,
  Standing,
} from "../../src/naming/announcer.ts";
import type { Path } from "../../src/naming/path.ts";
import type { MemoryEntry, MemoryOperation, MemoryRegistry } from "./memory-registry.ts";
import { ToldVar } from "./told-var.ts";

export class MemoryAnnouncer implements Announcer {
  readonly registry: MemoryRegistry;
  readonly lease = new ToldVar<number>();
  readonly #announcements = new Set<MemoryAnnouncement>();
  #leases = 0;
  isDead = false;

  constructor(registry: MemoryRegistry) {
    this.registry = registry;
  }

  announce(path: Path, owner: Owner): Announcement {
    for (const { path: taken, owner: by } of this.#announcements) {
      if (taken.equals(path) && by.group === owner.group) throw new Error(`${path.show} is announced already`);
    }
    const made = new MemoryAnnouncement(this, path, owner);
    this.#announcements.add(made);
    return made;
  }

  async owned(group: string, signal: AbortSignal): Promise<readonly Path[]> {
    await this.operate({ op: "owned", path: "/", by: this }, signal);
    return this.registry.paths().filter((path) => this.registry.at(path).some((entry) => entry.owner?.group === group));
  }

  elect(owner: Owner): Election {
    this.#connect();
    const state = this.registry.stand(owner, this);
    return {
      state: state.var,
      [Symbol.asyncDispose]: async () => {
        if (!this.isDead) this.registry.resign(state);
      },
    };
  }

  /** The process ends: nothing that it does reaches the registry any more. Its lease ends with `registry.bury`. */
  die(): void {
    this.isDead = true;
    this.registry.disconnect(this);
  }

  /** Its lease was lost: all that it put is made again under the next one. */
  renew(): void {
    if (this.isDead) return;
    this.confirm(++this.#leases);
    for (const each of this.#announcements) each.renew();
  }

  confirm(leases = this.#leases): void {
    if (leases > 0) this.lease.say(ok(leases));
  }

  /** Waits for the gate; rejects where the registry does not take the operation. */
  async operate(operation: MemoryOperation, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#connect();
    await untilAborted(Promise.resolve(this.registry.gate(operation)), signal);
    if (this.isDead) throw new Error("this process is dead");
    if (this.registry.outage) throw this.registry.outage;
  }

  closed(announcement: MemoryAnnouncement): void {
    this.#announcements.delete(announcement);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#announcements) await each[Symbol.asyncDispose]();
    this.registry.disconnect(this);
  }

  #connect(): void {
    if (this.isDead) return;
    this.registry.connect(this);
    if (this.#leases === 0) this.confirm(++this.#leases);
  }
}

class MemoryAnnouncement implements Announcement {
  readonly path: Path;
  readonly owner: Owner;
  readonly #by: MemoryAnnouncer;
  readonly #kept = new Map<string, MemoryEntry>();

  constructor(by: MemoryAnnouncer, path: Path, owner: Owner) {
    this.#by = by;
    this.path = path;
    this.owner = owner;
  }

  get lease(): Announcement["lease"] {
    return this.#by.lease.var;
  }

  async standing(signal: AbortSignal): Promise<Standing> {
    const { registry } = this.#by;
    await this.#by.operate({ op: "standing", path: this.path.show, by: this.#by }, signal);
    const refusal = registry.refusals.get(this.path.show);
    const entries = registry.at(this.path).map(({ key, instance, owner, by }) => ({
      key,
      instance,
      mine: by === this.#by && owner?.group === this.owner.group,
      ...(owner ? { group: owner.group } : {}),
    }));
    return { entries, ...(refusal === undefined ? {} : { refusal }) };
  }

  plan(changes: readonly EntryChange[]): readonly PlannedWrite[] {
    return changes.map((change) => {
      if (change.op === "remove") return { op: "delete", object: `${this.path.show}#${change.key}` };
      const key = this.#keyOf(change.instance.id);
      const op = this.#by.registry.find(this.path, key) ? "update" : "create";
      return { op, object: `${this.path.show}#${key}`, data: JSON.stringify(change.instance) };
    });
  }

  async write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]> {
    const outcomes: EntryOutcome[] = [];
    for (const change of changes) {
      outcomes.push(
        await this.#written(change, signal).catch(
          (error: unknown) => ({ tag: "failed", cause: String(error) }) as const,
        ),
      );
    }
    return outcomes;
  }

  /** What was put is there again, under another lease. */
  renew(): void {
    for (const entry of this.#kept.values()) this.#by.registry.set(this.path, entry);
  }

  abandon(): Promise<void> {
    this.#kept.clear();
    this.#by.closed(this);
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const keys = [...this.#kept.keys()];
    await this.write(
      keys.map((key) => ({ op: "remove", key })),
      AbortSignal.timeout(1000),
    );
    await this.abandon();
  }

  async #written(change: EntryChange, signal: AbortSignal): Promise<EntryOutcome> {
    const { registry } = this.#by;
    const key = change.op === "put" ? this.#keyOf(change.instance.id) : change.key;
    const op = change.op === "remove" ? "delete" : registry.find(this.path, key) ? "update" : "create";
    await this.#by.operate({ op, path: this.path.show, by: this.#by }, signal);
    const refusal = registry.refusals.get(this.path.show);
    if (refusal !== undefined) return { tag: "refused", cause: refusal };
    if (change.op === "put") {
      const entry: MemoryEntry = { key, instance: change.instance, owner: this.owner, by: this.#by };
      registry.set(this.path, entry);
      this.#kept.set(key, entry);
      return { tag: "done" };
    }
    const entry = registry.find(this.path, key);
    if (!entry) return { tag: "done" };
    if (entry.owner?.group !== this.owner.group) {
      registry.offences.push(`${this.owner.group} removes ${key} of ${entry.owner?.group ?? "nobody"}`);
      return { tag: "conflict", cause: "the entry is someone else's" };
    }
    registry.remove(this.path, entry, "delete", this.owner);
    this.#kept.delete(key);
    return { tag: "done" };
  }

  #keyOf(id: string): string {
    return `${this.owner.group}.${this.owner.member}.${id}`;
  }
}
