/** Places for numbers in pages of shared memory. */

/** One page: 64 KiB. */
const PAGE_BITS = 13;
const PAGE_CELLS = 1 << PAGE_BITS;

/** Where the numbers of a slot begin: which page, and which of its cells. */
export const placeOf = (page: number, cell: number): number => (page << PAGE_BITS) | cell;
export const pageOf = (place: number): number => place >>> PAGE_BITS;
export const cellOf = (place: number): number => place & (PAGE_CELLS - 1);

interface Room {
  readonly page: number;
  next: number;
}

/** Slots of one size share pages; a slot that was freed is taken before a new one. Pages are never given back. */
export class SharedSlots {
  readonly pages: SharedArrayBuffer[] = [];
  /** The pages as numbers. */
  readonly cells: Float64Array[] = [];
  readonly #opened: (page: number, cells: SharedArrayBuffer) => void;
  readonly #free = new Map<number, number[]>();
  readonly #rooms = new Map<number, Room>();

  /** `opened` hears of each new page before anything is in it. */
  constructor(opened: (page: number, cells: SharedArrayBuffer) => void) {
    this.#opened = opened;
  }

  /** A place for so many numbers, all 0. */
  take(size: number): number {
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) return free;
    const room = this.#roomFor(size);
    const at = room.next;
    room.next += size;
    return placeOf(room.page, at);
  }

  /** Nobody reads or writes there any more. */
  free(place: number, size: number): void {
    this.pageAt(place).fill(0, cellOf(place), cellOf(place) + size);
    const free = this.#free.get(size) ?? [];
    free.push(place);
    this.#free.set(size, free);
  }

  /** The whole page that a place is in. */
  pageAt(place: number): Float64Array {
    return this.cells[pageOf(place)] as Float64Array;
  }

  #roomFor(size: number): Room {
    const known = this.#rooms.get(size);
    if (known !== undefined && known.next + size <= PAGE_CELLS) return known;
    const page = this.pages.length;
    const cells = new SharedArrayBuffer(PAGE_CELLS * Float64Array.BYTES_PER_ELEMENT);
    this.pages.push(cells);
    this.cells.push(new Float64Array(cells));
    this.#opened(page, cells);
    const room: Room = { page, next: 0 };
    this.#rooms.set(size, room);
    return room;
  }
}
