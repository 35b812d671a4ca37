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
  readonly #run = (): void => this.#endTurn();

  /** Calls `endTurn` once; who adds itself twice is called twice. */
  add(end: TurnEnd): void {
    this.#waiting.push(end);
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(this.#run);
  }

  #endTurn(): void {
    const ending = this.#waiting;
    this.#waiting = this.#spare;
    this.#isArmed = false;
    for (let at = 0; at < ending.length; at++) (ending[at] as TurnEnd).endTurn();
    ending.length = 0;
    this.#spare = ending;
  }
}

export const outputTurn = new OutputTurn();
