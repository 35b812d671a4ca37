/** The beginnings of one memory, each made once: a view costs more than what is done with a short message in it. */

/** Longer ones are made each time: they come with bodies, which cost more than a view. */
const LONGEST_KEPT = 1024;

export class Views {
  readonly memory: Buffer;
  readonly #made: (Buffer | undefined)[] = Array.from({ length: LONGEST_KEPT + 1 }, () => undefined);

  constructor(memory: Buffer) {
    this.memory = memory;
  }

  /** The first `length` bytes. The same object may be given for another message: who keeps it copies it. */
  of(length: number): Buffer {
    if (length > LONGEST_KEPT) return this.memory.subarray(0, length);
    return (this.#made[length] ??= this.memory.subarray(0, length));
  }
}
