/** Reads that are to be made, so many at a time, each thing once. */

export class ReadQueue<T> {
  readonly #atOnce: number;
  readonly #read: (thing: T) => Promise<void>;
  readonly #urgent = new Set<T>();
  readonly #rest = new Set<T>();
  #underWay = 0;
  #isClosed = false;

  /** `read` never rejects. */
  constructor(atOnce: number, read: (thing: T) => Promise<void>) {
    this.#atOnce = atOnce;
    this.#read = read;
  }

  get size(): number {
    return this.#urgent.size + this.#rest.size;
  }

  /** What somebody waits for goes before what is only looked at again. */
  push(thing: T, isUrgent: boolean): void {
    if (this.#isClosed) return;
    if (isUrgent) {
      this.#rest.delete(thing);
      this.#urgent.add(thing);
    } else if (!this.#urgent.has(thing)) this.#rest.add(thing);
    this.#pump();
  }

  drop(thing: T): void {
    this.#urgent.delete(thing);
    this.#rest.delete(thing);
  }

  close(): void {
    this.#isClosed = true;
    this.#urgent.clear();
    this.#rest.clear();
  }

  #pump(): void {
    while (this.#underWay < this.#atOnce) {
      const line = this.#urgent.size > 0 ? this.#urgent : this.#rest;
      const [next] = line;
      if (next === undefined) return;
      line.delete(next);
      this.#underWay++;
      void this.#read(next).finally(() => {
        this.#underWay--;
        this.#pump();
      });
    }
  }
}
