/** What was put at one target, so that what a registry cannot say of an entry is not put again and again. */
import type { Instance } from "../base/instance.ts";
import type { StandingEntry } from "../naming/announcer.ts";

interface Put {
  readonly text: string;
  /** What the registry said of the entry when it was first read back. */
  seen: string | undefined;
}

export class PutMemory {
  readonly #puts = new Map<string, Put>();

  /** It was put, and the registry took it. */
  put(instance: Instance): void {
    this.#puts.set(instance.id, { text: JSON.stringify(instance), seen: undefined });
  }

  forget(id: string): void {
    this.#puts.delete(id);
  }

  knows(id: string): boolean {
    return this.#puts.has(id);
  }

  /** Whether the entry is another than what was put, or another is to be put. */
  differs(instance: Instance, entry: StandingEntry): boolean {
    const put = this.#puts.get(instance.id);
    if (put?.text !== JSON.stringify(instance)) return true;
    const seen = JSON.stringify(entry.instance);
    put.seen ??= seen;
    return put.seen !== seen;
  }

  /** Whether it reads otherwise than it did when it was first read back: another changed it. */
  isAltered({ instance }: StandingEntry): boolean {
    const seen = this.#puts.get(instance.id)?.seen;
    return seen !== undefined && seen !== JSON.stringify(instance);
  }

  /** Those that were seen to stand, and of which none of `standing` is left. */
  vanished(standing: ReadonlySet<string>): readonly string[] {
    return [...this.#puts].filter(([id, { seen }]) => seen !== undefined && !standing.has(id)).map(([id]) => id);
  }
}
