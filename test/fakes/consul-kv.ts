/** What a fake Consul keeps in its KV store: texts by key, each with the index of its last change. */

export class ConsulKv {
  readonly #entries = new Map<string, { readonly text: string | undefined; readonly index: number }>();
  readonly #changed: () => void;
  #index = 10;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  read(key: string): string | undefined {
    return this.#entries.get(key)?.text;
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
