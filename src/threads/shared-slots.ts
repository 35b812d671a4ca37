/** Places for numbers in pages of shared memory. */

/** `cells` is a view of the place; `page` and `at` say where it is. */
export interface Slot {
  readonly page: number;
  readonly at: number;
  readonly cells: Float64Array;
}

/** One page: 64 KiB, 8,192 numbers or 33 histograms. */
const PAGE_CELLS = 8_192;

interface Room {
  readonly page: number;
  next: number;
}

/** Slots of one size share pages; a slot that was freed is taken before a new one. Pages are never given back. */
export class SharedSlots {
  readonly pages: SharedArrayBuffer[] = [];
  readonly #opened: (page: number, cells: SharedArrayBuffer) => void;
  readonly #free = new Map<number, Slot[]>();
  readonly #rooms = new Map<number, Room>();

  /** `opened` hears of each new page before anything is in it. */
  constructor(opened: (page: number, cells: SharedArrayBuffer) => void) {
    this.#opened = opened;
  }

  /** Its numbers are whatever they were. */
  take(size: number): Slot {
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) return free;
    const room = this.#roomFor(size);
    const at = room.next;
    room.next += size;
    const cells = cellsAt(this.pages[room.page] as SharedArrayBuffer, at, size);
    return { page: room.page, at, cells };
  }

  free(slot: Slot): void {
    const size = slot.cells.length;
    const free = this.#free.get(size) ?? [];
    free.push(slot);
    this.#free.set(size, free);
  }

  #roomFor(size: number): Room {
    const known = this.#rooms.get(size);
    if (known !== undefined && known.next + size <= PAGE_CELLS) return known;
    const page = this.pages.length;
    const cells = new SharedArrayBuffer(PAGE_CELLS * Float64Array.BYTES_PER_ELEMENT);
    this.pages.push(cells);
    this.#opened(page, cells);
    const room: Room = { page, next: 0 };
    this.#rooms.set(size, room);
    return room;
  }
}

/** The numbers of one slot. */
export function cellsAt(page: SharedArrayBuffer, at: number, size: number): Float64Array {
  return new Float64Array(page, at * Float64Array.BYTES_PER_ELEMENT, size);
}
