/** One target as it was read last, what this member put there, and whether somebody took it away. */
import type { Instance } from "../base/instance.ts";
import type { State } from "../base/var.ts";
import type { Announcement, Standing, StandingEntry } from "../naming/announcer.ts";
import type { Path } from "../naming/path.ts";
import type { Orphans } from "./mirror-plan.ts";
import type { NameHome } from "./name-home.ts";
import { PutMemory } from "./put-memory.ts";
import { timeLimited } from "./time-limited.ts";

export interface TargetListener {
  /** The own entries hang on another lease. */
  leased(): void;
  /** Somebody took away, or changed, what this member had put. */
  tampered(id: string, how: "taken" | "changed"): void;
}

export class TargetView {
  readonly memory = new PutMemory();
  readonly announcement: Announcement;
  readonly #home: NameHome;
  readonly #listener: TargetListener;
  #standing: Standing | undefined;
  #readAt = -Infinity;
  #isDirty = true;
  #following: Disposable | undefined;
  #leases: number | undefined;
  #isLeaseSure = false;

  constructor(target: Path, home: NameHome, listener: TargetListener) {
    this.#home = home;
    this.#listener = listener;
    this.announcement = home.parts.announcer.announce(target, home.parts.owner);
  }

  follow(): void {
    // Whoever follows a lease may claim it, and a plan writes nothing.
    if (this.#home.isDry) return;
    this.#following = this.announcement.lease.observe((state) => this.#leased(state));
  }

  /** All that stood there when it was read last, but for what was removed since. */
  get entries(): readonly StandingEntry[] {
    return this.#standing?.entries ?? [];
  }

  /** Those of the own group. */
  get own(): readonly StandingEntry[] {
    const { group } = this.#home.parts.owner;
    return this.entries.filter((entry) => entry.group === group);
  }

  get refusal(): string | undefined {
    return this.#standing?.refusal;
  }

  /** What groups have there that keep it true no more. */
  get orphans(): readonly Orphans[] {
    return Array.from(this.#standing?.orphaned ?? [], ([group, endedAt]) => {
      return { group, entries: this.entries.filter((entry) => entry.group === group).length, endedAt };
    });
  }

  get isRead(): boolean {
    return this.#standing !== undefined;
  }

  /** Whether something may stand there that was not read. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  get readAt(): number {
    return this.#readAt;
  }

  /** What was read is to be read again before anything is concluded from it. */
  soil(): void {
    this.#isDirty = true;
  }

  /** True when it was read in full just now, false when that is not needed. */
  async read(): Promise<boolean> {
    if (!this.#isDirty && this.#standing) return false;
    const { parts, rules, signal } = this.#home;
    const { clock } = parts;
    this.#isDirty = false;
    const leases = this.#leases;
    const wasSure = this.#isLeaseSure;
    const read = (limit: AbortSignal): Promise<Standing> => this.announcement.standing(limit);
    try {
      this.#standing = await timeLimited(clock, rules.timeoutMs, signal, read);
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
    this.#readAt = clock.now();
    if (wasSure && this.#isLeaseSure && leases === this.#leases) this.#seeTampered();
    return true;
  }

  put(instance: Instance): void {
    this.memory.put(instance);
    this.#isDirty = true;
  }

  removed(key: string): void {
    if (!this.#standing) return;
    this.#standing = { ...this.#standing, entries: this.entries.filter((entry) => entry.key !== key) };
  }

  /** What stands is left there. */
  async close(): Promise<void> {
    this.#following?.[Symbol.dispose]();
    await this.announcement.abandon();
  }

  #leased(state: State<number>): void {
    this.#isLeaseSure = state.tag === "ok" && state.stale === undefined;
    if (state.tag !== "ok" || state.value === this.#leases) return;
    const isFirst = this.#leases === undefined;
    this.#leases = state.value;
    if (isFirst) return;
    this.#isDirty = true;
    this.#listener.leased();
  }

  #seeTampered(): void {
    for (const entry of this.own) {
      if (!entry.mine || !this.memory.isAltered(entry)) continue;
      this.memory.forget(entry.instance.id);
      this.#listener.tampered(entry.instance.id, "changed");
    }
    for (const id of this.memory.vanished(new Set(this.own.map(({ instance }) => instance.id)))) {
      this.memory.forget(id);
      this.#listener.tampered(id, "taken");
    }
  }
}
