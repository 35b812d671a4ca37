/** Memory that is written to and sent within a turn, and used again. */

/** Holds the longest frame that is written, or many short ones. */
export const SLAB_BYTES = 64 * 1024;

const MAX_SPARE = 32;

export class Slabs {
  readonly #spare: Buffer[] = [];

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
  }

  /** Whoever gives a slab back does not look at it any more. */
  give(slab: Buffer): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(slab);
  }
}

/** Scratch memory of this thread. */
export const slabs = new Slabs();
