/** The dynamic table of HPACK (RFC 7541 §2.3.2, §4): a ring that loses its oldest entries. */

/** What an entry takes beside its name and value (RFC 7541 §4.1). */
export const ENTRY_OVERHEAD = 32;

export class DynamicTable {
  /** Entries. */
  count = 0;
  /** Entries that were ever added: the number of the newest. */
  added = 0;
  /** Bytes, as RFC 7541 §4.1 counts them. */
  size = 0;
  capacity: number;
  /** The newest entry stands before `#next`; the length of all three is a power of two. */
  #names: string[] = Array.from({ length: 16 }, () => "");
  #values: string[] = Array.from({ length: 16 }, () => "");
  #kinds: number[] = Array.from({ length: 16 }, () => 0);
  #next = 0;
  #mask = 15;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** `age` is 1 for the newest entry, and at most `count`. */
  name(age: number): string {
    return this.#names[(this.#next - age) & this.#mask] as string;
  }

  value(age: number): string {
    return this.#values[(this.#next - age) & this.#mask] as string;
  }

  kind(age: number): number {
    return this.#kinds[(this.#next - age) & this.#mask] as number;
  }

  /** Makes room and adds it; one that is larger than the table empties it, and is not added (RFC 7541 §4.4). */
  add(name: string, value: string, kind: number): void {
    const size = name.length + value.length + ENTRY_OVERHEAD;
    while (this.count > 0 && this.size + size > this.capacity) this.evict();
    if (size > this.capacity) return;
    if (this.count > this.#mask) this.#grow();
    const at = this.#next;
    this.#names[at] = name;
    this.#values[at] = value;
    this.#kinds[at] = kind;
    this.#next = (at + 1) & this.#mask;
    this.count++;
    this.added++;
    this.size += size;
  }

  /** Drops the oldest entry; there must be one. */
  evict(): void {
    const at = (this.#next - this.count) & this.#mask;
    this.size -= (this.#names[at] as string).length + (this.#values[at] as string).length + ENTRY_OVERHEAD;
    this.#names[at] = "";
    this.#values[at] = "";
    this.count--;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    while (this.size > capacity) this.evict();
  }

  #grow(): void {
    const ages = Array.from({ length: this.count }, (_, index) => this.count - index);
    const blank = Array.from({ length: this.count }, () => "");
    const names = ages.map((age) => this.name(age));
    const values = ages.map((age) => this.value(age));
    const kinds = ages.map((age) => this.kind(age));
    this.#names = [...names, ...blank];
    this.#values = [...values, ...blank];
    this.#kinds = [...kinds, ...blank.map(() => 0)];
    this.#next = this.count;
    this.#mask = this.#names.length - 1;
  }
}
