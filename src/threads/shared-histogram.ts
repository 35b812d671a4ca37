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

/** The head: three numbers, then where the blocks are. Of most names all values come in one range, and there is one block. */
const SUM = 0;
const MIN = 1;
const MAX = 2;
/**
 * 0: there are none. Above: there is one, and it is one past `place << BLOCK_BITS | block`. Below: minus one past the
 * place of a list, in which is one past the place of each block, 0 where there is none.
 */
const WHERE = 3;

/** How many cells the head takes. */
export const HISTOGRAM_HEAD = 4;

/** Records at `place`, the first of `HISTOGRAM_HEAD` cells. Another thread may read meanwhile. */
export function recordAt(slots: SharedSlots, place: number, ms: number): void {
  const value = withinRange(ms);
  const bucket = bucketOf(value);
  const head = slots.pageAt(place);
  const at = cellOf(place);
  const block = bucket >>> BLOCK_BITS;
  const known = blockAt(slots.cells, head[at + WHERE] as number, block);
  const counts = known < 0 ? slots.take(BLOCK) : known;
  (slots.pageAt(counts)[cellOf(counts) + (bucket & (BLOCK - 1))] as number)++;
  // Only now, so that whoever finds the block finds a count in it: the first value ever says what is least.
  if (known < 0) {
    if (head[at + WHERE] === 0) head[at + MIN] = value;
    head[at + WHERE] = withBlock(slots, head[at + WHERE] as number, block, counts);
  }
  (head[at + SUM] as number) += value;
  if (value < (head[at + MIN] as number)) head[at + MIN] = value;
  if (value > (head[at + MAX] as number)) head[at + MAX] = value;
}

/** What was recorded at `place`, of whichever thread these pages are. */
export function readHistogram(pages: readonly Float64Array[], place: number): HistogramSnapshot {
  const head = pages[pageOf(place)] as Float64Array;
  const at = cellOf(place);
  const where = head[at + WHERE] as number;
  // A page that is not known yet has nothing that was told of.
  const found = Array.from({ length: BLOCKS }, (_, block) => blockAt(pages, where, block));
  const first = found.findIndex((counts) => counts >= 0);
  const last = found.findLastIndex((counts) => counts >= 0);
  if (first < 0) return emptySnapshot;
  const counts = Array.from({ length: (last - first + 1) * BLOCK }, () => 0);
  for (let block = first; block <= last; block++) {
    const from = found[block] as number;
    const page = from < 0 ? undefined : pages[pageOf(from)];
    if (page === undefined) continue;
    for (let n = 0; n < BLOCK; n++) counts[(block - first) * BLOCK + n] = page[cellOf(from) + n] as number;
  }
  const [sum, min, max] = [SUM, MIN, MAX].map((cell) => head[at + cell] as number) as [number, number, number];
  return snapshotOf(first * BLOCK, counts, sum, min, max);
}

/** Gives the blocks of a histogram back; its head is the caller's to free. */
export function freeBlocks(slots: SharedSlots, place: number): void {
  const where = slots.pageAt(place)[cellOf(place) + WHERE] as number;
  for (let block = 0; block < BLOCKS; block++) {
    const found = blockAt(slots.cells, where, block);
    if (found >= 0) slots.free(found, BLOCK);
  }
  if (where < 0) slots.free(-where - 1, BLOCKS);
}

/** The place of a block's counts; -1 where there is none. */
function blockAt(pages: readonly Float64Array[], where: number, block: number): number {
  if (where >= 0) return where > 0 && ((where - 1) & (BLOCK - 1)) === block ? (where - 1) >>> BLOCK_BITS : -1;
  const list = -where - 1;
  return (pages[pageOf(list)]?.[cellOf(list) + block] ?? 0) - 1;
}

/** Where the blocks are when there is one more. */
function withBlock(slots: SharedSlots, where: number, block: number, counts: number): number {
  if (where === 0) return ((counts << BLOCK_BITS) | block) + 1;
  if (where < 0) {
    slots.pageAt(-where - 1)[cellOf(-where - 1) + block] = counts + 1;
    return where;
  }
  const list = slots.take(BLOCKS);
  const page = slots.pageAt(list);
  page[cellOf(list) + ((where - 1) & (BLOCK - 1))] = ((where - 1) >>> BLOCK_BITS) + 1;
  page[cellOf(list) + block] = counts + 1;
  return -list - 1;
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
