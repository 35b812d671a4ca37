/** What is done once at the end of a turn of the event loop, when everything that came in it was looked at. */

/** Something with work for the end of the turn. */
export interface TurnEnd {
  endTurn(): void;
}

/** One a thread; nothing stays in it beyond a turn. */
export class OutputTurn {
  #waiting: TurnEnd[] = [];
  #spare: TurnEnd[] = [];
  #isArmed = false;
  readonly #run = (): void => {
    this.#isArmed = false;
    this.end();
  };

  /** Calls `endTurn` once; who adds itself twice is called twice. */
  add(end: TurnEnd): void {
    this.#waiting.push(end);
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(this.#run);
  }

  /** Has it end now, for those who wait. */
  end(): void {
    const ending = this.#waiting;
    this.#waiting = this.#spare;
    let at = 0;
    try {
      while (at < ending.length) (ending[at++] as TurnEnd).endTurn();
    } finally {
      // One that throws is nobody else's trouble.
      while (at < ending.length) this.add(ending[at++] as TurnEnd);
      ending.length = 0;
      this.#spare = ending;
    }
  }
}

export const outputTurn = new OutputTurn();
