/** A histogram in shared memory: a head, and a block of counts for each range in which a value was recorded. */
import {
  bucketOf,
  BUCKETS,
  emptySnapshot,
  type Histogram,
  type HistogramSnapshot,
  snapshotOf,
  withinRange,
} from "../base/histogram.ts";
import { cellOf, pageOf, type SharedSlots } from "./shared-slots.ts";

const BLOCK_BITS = 4;
const BLOCK = 1 << BLOCK_BITS;
const BLOCKS = Math.ceil(BUCKETS / BLOCK);

/** The head: three numbers, then one past the place of each block, 0 where there is none. */
const SUM = 0;
const MIN = 1;
const MAX = 2;
const FIRST = 3;

/** How many cells the head takes. */
export const HISTOGRAM_HEAD = FIRST + BLOCKS;

/** Records at `place`, the first of `HISTOGRAM_HEAD` cells. Another thread may read meanwhile. */
export function recordAt(slots: SharedSlots, place: number, ms: number): void {
  const value = withinRange(ms);
  const bucket = bucketOf(value);
  const head = slots.pageAt(place);
  const at = cellOf(place);
  const next = at + FIRST + (bucket >>> BLOCK_BITS);
  const block = head[next] === 0 ? slots.take(BLOCK) : (head[next] as number) - 1;
  (slots.pageAt(block)[cellOf(block) + (bucket & (BLOCK - 1))] as number)++;
  // Only now, so that whoever finds the block finds a count in it: the first value ever says what is least.
  if (head[next] === 0) {
    if (isEmpty(head, at)) head[at + MIN] = value;
    head[next] = block + 1;
  }
  (head[at + SUM] as number) += value;
  if (value < (head[at + MIN] as number)) head[at + MIN] = value;
  if (value > (head[at + MAX] as number)) head[at + MAX] = value;
}

/** What was recorded at `place`, of whichever thread these pages are. */
export function readHistogram(pages: readonly Float64Array[], place: number): HistogramSnapshot {
  const head = pages[pageOf(place)] as Float64Array;
  const at = cellOf(place);
  if (isEmpty(head, at)) return emptySnapshot;
  let first = 0;
  let last = BLOCKS - 1;
  while (head[at + FIRST + first] === 0) first++;
  while (head[at + FIRST + last] === 0) last--;
  const counts = Array.from({ length: (last - first + 1) * BLOCK }, () => 0);
  for (let block = first; block <= last; block++) {
    const found = (head[at + FIRST + block] as number) - 1;
    // A page that is not known yet has nothing that was told of.
    const page = found < 0 ? undefined : pages[pageOf(found)];
    if (page === undefined) continue;
    for (let n = 0; n < BLOCK; n++) counts[(block - first) * BLOCK + n] = page[cellOf(found) + n] as number;
  }
  const [sum, min, max] = [SUM, MIN, MAX].map((cell) => head[at + cell] as number) as [number, number, number];
  return snapshotOf(first * BLOCK, counts, sum, min, max);
}

/** Gives the blocks of a histogram back; its head is the caller's to free. */
export function freeBlocks(slots: SharedSlots, place: number): void {
  const head = slots.pageAt(place);
  for (let block = 0; block < BLOCKS; block++) {
    const found = (head[cellOf(place) + FIRST + block] as number) - 1;
    if (found >= 0) slots.free(found, BLOCK);
  }
}

function isEmpty(head: Float64Array, at: number): boolean {
  for (let block = 0; block < BLOCKS; block++) if (head[at + FIRST + block] !== 0) return false;
  return true;
}

/** One on its own, such as a server's. */
export class SharedHistogram implements Histogram {
  readonly #slots: SharedSlots;
  readonly #place: number;

  constructor(slots: SharedSlots, place: number) {
    this.#slots = slots;
    this.#place = place;
  }

  record(ms: number): void {
    recordAt(this.#slots, this.#place, ms);
  }
}
