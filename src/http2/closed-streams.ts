/** The streams that were closed last, and how, for what still comes on them (RFC 9113 §5.1). */

/** How a stream was closed. */
export const ending = Object.freeze({
  /** Nothing is known of it: it is long gone, or was never opened. */
  unknown: 0,
  /** The other side has ended it, or broken it off: it knows that nothing more may come. */
  theirs: 1,
  /** It was reset here: frames of it may still be on their way. */
  ours: 2,
});

const KEPT_THEIRS = 16;
const KEPT_OURS = 256;

/** A ring of numbers; 0 is none. */
class Ring {
  readonly #ids: Int32Array;
  #next = 0;

  constructor(size: number) {
    this.#ids = new Int32Array(size);
  }

  add(id: number): void {
    this.#ids[this.#next] = id;
    this.#next = (this.#next + 1) % this.#ids.length;
  }

  has(id: number): boolean {
    return this.#ids.includes(id);
  }
}

export class ClosedStreams {
  readonly #theirs = new Ring(KEPT_THEIRS);
  /** Most connections never need it. */
  #ours: Ring | undefined = undefined;

  add(id: number, how: number): void {
    if (how === ending.theirs) this.#theirs.add(id);
    else {
      this.#ours ??= new Ring(KEPT_OURS);
      this.#ours.add(id);
    }
  }

  endingOf(id: number): number {
    if (this.#ours?.has(id) === true) return ending.ours;
    return this.#theirs.has(id) ? ending.theirs : ending.unknown;
  }
}
