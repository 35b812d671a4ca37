/** Has what nobody uses rest: what is awake is asked every few seconds, some at a time, until it rests. */
import type { Clock } from "../base/time.ts";

const EVERY_MS = 5_000;
/** So many in one turn, and then the next ones. */
const AT_ONCE = 500;
const BETWEEN_MS = 50;

/** Something that is awake. */
export interface Awake {
  /** Rests where it was not used since it was asked last. False where it is to be asked again. */
  rest(): boolean;
}

/** Of thousands that rest nothing is asked: no timer runs while nobody is awake. */
export class Rests implements Disposable {
  readonly #clock: Clock;
  /** Those who are asked in this round, and in the next one. */
  #asked: Awake[] = [];
  #next: Awake[] = [];
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It has woken, and is not among those who are asked. */
  add(awake: Awake): void {
    this.#next.push(awake);
    this.#timer ??= this.#clock.timer(EVERY_MS, () => this.#round());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#asked = [];
    this.#next = [];
  }

  #round(): void {
    this.#asked = this.#next;
    this.#next = [];
    this.#some();
  }

  #some(): void {
    for (let count = 0; count < AT_ONCE; count++) {
      const awake = this.#asked.pop();
      if (awake === undefined) break;
      if (!awake.rest()) this.#next.push(awake);
    }
    if (this.#asked.length > 0) this.#timer = this.#clock.timer(BETWEEN_MS, () => this.#some());
    else if (this.#next.length > 0) this.#timer = this.#clock.timer(EVERY_MS, () => this.#round());
    else this.#timer = undefined;
  }
}
