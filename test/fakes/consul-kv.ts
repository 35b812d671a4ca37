/** What a fake Consul keeps in its KV store: texts by key, each with the index of its last change. */

export class ConsulKv {
  readonly #entries = new Map<string, { readonly text: string | undefined; readonly index: number }>();
  readonly #holders = new Map<string, string>();
  readonly #delayed = new Map<string, number>();
  readonly #changed: () => void;
  #index = 10;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Which session holds the key. */
  holder(key: string): string | undefined {
    return this.#holders.get(key);
  }

  /** False when another one holds it, or nobody may yet. */
  acquire(key: string, text: string, session: string): boolean {
    const holder = this.#holders.get(key);
    const isDelayed = performance.now() < (this.#delayed.get(key) ?? 0);
    if ((holder !== undefined && holder !== session) || (holder === undefined && isDelayed)) return false;
    this.#holders.set(key, session);
    this.write(key, text);
    return true;
  }

  /** By the holder's own word, or with `delayMs` because its session is gone. */
  release(session: string, delayMs = 0): void {
    for (const [key, holder] of this.#holders) {
      if (holder !== session) continue;
      this.#holders.delete(key);
      this.#delayed.set(key, performance.now() + delayMs);
    }
  }

  read(key: string): string | undefined {
    return this.#entries.get(key)?.text;
  }

  /** The keys that begin so and have a text, and the index of the last change among them, be it that one went. */
  below(beginning: string): { readonly index: number; readonly keys: readonly string[] } {
    const all = [...this.#entries].filter(([key]) => key.startsWith(beginning));
    const index = Math.max(10, ...all.map(([, entry]) => entry.index));
    return { index, keys: all.flatMap(([key, { text }]) => (text === undefined ? [] : [key])) };
  }

  /** False where the key has another index by now; 0 stands for none. */
  compareAndSet(key: string, text: string, index: number): boolean {
    const known = this.#entries.get(key);
    if ((known?.text === undefined ? 0 : known.index) !== index) return false;
    this.write(key, text);
    return true;
  }

  /** Of a key that never was: where the store stood when it began. */
  indexOf(key: string): number {
    return this.#entries.get(key)?.index ?? 10;
  }

  /** `undefined` deletes. */
  write(key: string, text: string | undefined): void {
    this.#entries.set(key, { text, index: ++this.#index });
    this.#changed();
  }

  /** As after a restore of an older snapshot: every index is small again. */
  resetIndexes(): void {
    this.#index = 1;
    for (const [key, { text }] of this.#entries) this.#entries.set(key, { text, index: ++this.#index });
    this.#changed();
  }
}
