/** Has what nobody uses rest: every few seconds all clusters are asked, some at a time. */
import type { Clock } from "../base/time.ts";
import type { Cluster } from "./cluster.ts";

const EVERY_MS = 5_000;
/** So many in one turn, and then the next ones. */
const AT_ONCE = 500;
const BETWEEN_MS = 50;

/** Runs from `begin` until there are none left, or until it is disposed. */
export class Rests implements Disposable {
  readonly #clock: Clock;
  readonly #clusters: () => Iterator<Cluster>;
  #left: Iterator<Cluster> | undefined;
  #timer: Disposable | undefined;

  /** `clusters` may come and go while the iterator is used. */
  constructor(clock: Clock, clusters: () => Iterator<Cluster>) {
    this.#clock = clock;
    this.#clusters = clusters;
  }

  begin(): void {
    this.#timer ??= this.#clock.timer(EVERY_MS, () => this.#some());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#left = undefined;
  }

  #some(): void {
    this.#timer = undefined;
    const isFirst = this.#left === undefined;
    const left = (this.#left ??= this.#clusters());
    for (let asked = 0; asked < AT_ONCE; asked++) {
      const next = left.next();
      if (next.done !== true) next.value.rest();
      else return this.#over(isFirst && asked === 0);
    }
    this.#timer = this.#clock.timer(BETWEEN_MS, () => this.#some());
  }

  #over(areNone: boolean): void {
    this.#left = undefined;
    if (!areNone) this.begin();
  }
}
