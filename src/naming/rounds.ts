/** What one computation needs, by key, from the round that asked for it first until one that does not ask. */

/** One thing that is needed. All fields are the rounds' own. */
export abstract class Needed {
  readonly key: string;
  round = 0;
  following: Needed | undefined;

  constructor(key: string) {
    this.key = key;
  }

  /** It is needed no more, and not there any more. */
  abstract gone(): void;
}

/** Past so many they are found by an index; nearly all names need one thing. */
const FEW = 8;

/** A list, so that the many who need one thing keep no map for it. */
export class Rounds<N extends Needed> {
  #first: N | undefined;
  #size = 0;
  #index: Map<string, N> | undefined;
  #round = 0;

  /** What is there under `key`, needed in this round too. */
  find(key: string): N | undefined {
    let found = this.#index?.get(key);
    if (this.#index === undefined) {
      for (found = this.#first; found !== undefined && found.key !== key;) found = found.following as N | undefined;
    }
    if (found !== undefined) found.round = this.#round;
    return found;
  }

  /** `needed` is not there yet. */
  add(needed: N): void {
    needed.round = this.#round;
    needed.following = this.#first;
    this.#first = needed;
    this.#size++;
    if (this.#index !== undefined) this.#index.set(needed.key, needed);
    else if (this.#size > FEW) this.#index = new Map([...this].map((each) => [each.key, each]));
  }

  /** Ends the round: takes out what it did not need. */
  sweep(): void {
    let left: N | undefined;
    let before: N | undefined;
    for (const each of this) {
      if (each.round === this.#round) {
        before = each;
        continue;
      }
      if (before === undefined) this.#first = each.following as N | undefined;
      else before.following = each.following;
      this.#size--;
      this.#index?.delete(each.key);
      each.following = left;
      left = each;
    }
    if (this.#size <= FEW) this.#index = undefined;
    this.#round++;
    this.#letGo(left);
  }

  clear(): void {
    const all = this.#first;
    this.#first = undefined;
    this.#index = undefined;
    this.#size = 0;
    this.#letGo(all);
  }

  *[Symbol.iterator](): Generator<N> {
    let next = this.#first;
    while (next !== undefined) {
      const each = next;
      next = each.following as N | undefined;
      yield each;
    }
  }

  /** When all of them are out: who is told of one may read, and end, this. */
  #letGo(first: N | undefined): void {
    for (let each = first; each !== undefined;) {
      const next = each.following as N | undefined;
      each.gone();
      each = next;
    }
  }
}
