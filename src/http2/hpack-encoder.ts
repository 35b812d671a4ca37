/** Writes header blocks (RFC 7541 §6), in step with the table of the peer's decoder. */
import { DynamicTable, ENTRY_OVERHEAD } from "./dynamic-table.ts";
import { COOKIE, NEVER, nameKind, VOLATILE } from "./field-kind.ts";
import { INITIAL_TABLE_SIZE } from "./hpack-decoder.ts";
import { STATIC_ENTRIES, staticNames } from "./hpack-tables.ts";
import { INTEGER_BOUND, writeInteger, writeString } from "./hpack-writing.ts";
import { NameSlot } from "./name-slot.ts";

const INDEXED = 0x80;
const KEPT = 0x40;
const SIZE_UPDATE = 0x20;
const NEVER_INDEXED = 0x10;
/** A cookie below it could be guessed by trying (RFC 7541 §7.1.3). */
const GUESSABLE = 20;
/** Names that are remembered; more than the table can hold at a time. */
const MAX_SLOTS = 256;

export class HpackEncoder {
  /** What `begin` takes at most: two updates of the size. */
  static readonly beginBound = 2 * INTEGER_BOUND;
  readonly #table = new DynamicTable(INITIAL_TABLE_SIZE);
  readonly #slots = new Map<string, NameSlot>();
  /** The size to set at the next block, and the smallest since the last one. */
  #size = INITIAL_TABLE_SIZE;
  #least = INITIAL_TABLE_SIZE;

  /** A table of at most `tableSize` bytes, and at most 4096. */
  constructor(tableSize = INITIAL_TABLE_SIZE) {
    this.limit(tableSize);
  }

  /** Bytes that a field takes at most. */
  static bound(name: string, value: string): number {
    return name.length + value.length + 3 * INTEGER_BOUND;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE; holds from the next block on (RFC 7541 §4.2). */
  limit(size: number): void {
    this.#size = Math.min(size, INITIAL_TABLE_SIZE);
    this.#least = Math.min(this.#least, this.#size);
  }

  /** Starts a block at `out[at]`, where `beginBound` bytes are free; returns where it goes on. */
  begin(out: Buffer, at: number): number {
    const { capacity } = this.#table;
    const least = this.#least;
    if (least === capacity && this.#size === capacity) return at;
    let end = at;
    if (least < this.#size && least < capacity) end = this.#resize(out, end, least);
    end = this.#resize(out, end, this.#size);
    this.#least = this.#size;
    return end;
  }

  #resize(out: Buffer, at: number, size: number): number {
    while (this.#table.size > size) this.#evict();
    this.#table.resize(size);
    return writeInteger(out, at, SIZE_UPDATE, 31, size);
  }

  /**
   * Writes a field at `out[at]`, where `bound` bytes are free; returns the end. The name is in lower case, both are valid.
   * `kind` is what field-kind.ts knows of the name; with NEVER it is a secret.
   */
  field(name: string, value: string, out: Buffer, at: number, kind = nameKind(name)): number {
    if ((kind & (NEVER | VOLATILE | COOKIE)) !== 0 && isPlain(kind, value)) {
      return writePlain(name, value, out, at, (kind & (NEVER | COOKIE)) === 0 ? 0 : NEVER_INDEXED);
    }
    const slot = this.#slots.get(name) ?? this.#addSlot(name);
    if (slot === undefined) return writePlain(name, value, out, at, 0);
    const place = slot.find(value);
    if (place < 0) {
      out[at] = INDEXED | -place;
      return at + 1;
    }
    if (place > 0) return writeInteger(out, at, INDEXED, 127, this.#indexOf(place));
    const size = name.length + value.length + ENTRY_OVERHEAD;
    const isKept = size * 2 <= this.#table.capacity && slot.isWorth();
    const index = slot.staticIndex || (slot.isEmpty ? 0 : this.#indexOf(slot.newest));
    let end = isKept ? writeInteger(out, at, KEPT, 63, index) : writeInteger(out, at, 0, 15, index);
    if (index === 0) end = writeString(out, end, name);
    if (isKept) this.#hold(slot, name, value, size);
    return writeString(out, end, value);
  }

  #indexOf(number: number): number {
    return STATIC_ENTRIES + this.#table.added - number + 1;
  }

  #hold(slot: NameSlot, name: string, value: string, size: number): void {
    const table = this.#table;
    while (table.size + size > table.capacity) this.#evict();
    table.add(name, value, 0);
    slot.hold(value, table.added);
  }

  #evict(): void {
    const table = this.#table;
    this.#slots.get(table.name(table.count))?.evicted();
    table.evict();
  }

  #addSlot(name: string): NameSlot | undefined {
    if (this.#slots.size >= MAX_SLOTS) this.#sweep();
    if (this.#slots.size >= MAX_SLOTS) return undefined;
    const slot = new NameSlot(staticNames.get(name));
    this.#slots.set(name, slot);
    return slot;
  }

  /** Forgets the names that the table does not hold. */
  #sweep(): void {
    for (const [name, slot] of this.#slots) {
      if (slot.isEmpty) this.#slots.delete(name);
    }
  }
}

/** Whether a field of that kind stays out of the table. */
function isPlain(kind: number, value: string): boolean {
  return (kind & (NEVER | VOLATILE)) !== 0 || value.length < GUESSABLE;
}

/** A field that enters no table. */
function writePlain(name: string, value: string, out: Buffer, at: number, flag: number): number {
  const known = staticNames.get(name);
  if (known === undefined) return writeString(out, writeString(out, writeInteger(out, at, flag, 15, 0), name), value);
  const index = flag === NEVER_INDEXED ? undefined : known.values?.get(value);
  if (index !== undefined) return writeInteger(out, at, INDEXED, 127, index);
  return writeString(out, writeInteger(out, at, flag, 15, known.index), value);
}
