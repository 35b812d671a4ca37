/** How many retries the requests have paid for: a token bucket over a sliding window, with a reserve that never expires. */
import type { Clock } from "../base/time.ts";
import type { BudgetParams } from "./params.ts";

const SLICES = 10;
const DEPOSIT = 1000;

/** Deposits and withdrawals both age out after `ttlMs`, so that the reserve grows back. */
export class Budget {
  readonly #clock: Clock;
  /** One object for all that are alike: what follows from it is not kept, for there are as many budgets as names. */
  readonly #params: BudgetParams;
  /** What came in the slice of now, and what in those before, if anything did: most names are seldom asked for. */
  #current = 0;
  #earlier: number[] | undefined;
  #sum = 0;
  #at = 0;
  #sliceEnds: number;

  constructor(params: BudgetParams, clock: Clock) {
    this.#clock = clock;
    this.#params = params;
    this.#sliceEnds = clock.now() + this.#sliceMs;
  }

  /** For every request. `now` is monotonic ms. */
  deposit(now: number): void {
    this.#roll(now);
    if (this.#params.percentCanRetry > 0) this.#add(DEPOSIT);
  }

  /** Takes the price of one retry, if it is there. */
  withdraw(now: number): boolean {
    this.#roll(now);
    const price = this.#price;
    if (this.#sum + this.#reserve(price) < price) return false;
    this.#add(-price);
    return true;
  }

  /** How many retries could be paid for now. */
  get balance(): number {
    this.#roll(this.#clock.now());
    const price = this.#price;
    return Math.floor((this.#sum + this.#reserve(price)) / price);
  }

  /** Of one retry. */
  get #price(): number {
    const { percentCanRetry } = this.#params;
    return percentCanRetry > 0 ? Math.max(1, Math.floor(DEPOSIT / percentCanRetry)) : 1;
  }

  #reserve(price: number): number {
    const { minRetriesPerSec, ttlMs } = this.#params;
    return Math.floor(minRetriesPerSec * (ttlMs / 1000)) * price;
  }

  get #sliceMs(): number {
    return this.#params.ttlMs / SLICES;
  }

  #add(amount: number): void {
    this.#current += amount;
    this.#sum += amount;
  }

  #roll(now: number): void {
    if (now < this.#sliceEnds) return;
    const passed = Math.floor((now - this.#sliceEnds) / this.#sliceMs) + 1;
    this.#sliceEnds += passed * this.#sliceMs;
    if (passed >= SLICES) this.#clear();
    else if (this.#earlier !== undefined || this.#current !== 0) this.#turn(passed);
  }

  #clear(): void {
    this.#current = 0;
    this.#earlier = undefined;
    this.#sum = 0;
  }

  #turn(passed: number): void {
    this.#earlier ??= Array.from({ length: SLICES }, () => 0);
    const slices = this.#earlier;
    slices[this.#at] = this.#current;
    for (let step = 0; step < passed; step++) {
      this.#at = (this.#at + 1) % SLICES;
      this.#sum -= slices[this.#at] as number;
      slices[this.#at] = 0;
    }
    this.#current = 0;
  }
}
