/** How many retries the requests have paid for: a token bucket over a sliding window, with a reserve that never expires. */
import type { Clock } from "../base/time.ts";
import type { BudgetParams } from "./params.ts";

const SLICES = 10;
const DEPOSIT = 1000;

/** Deposits and withdrawals both age out after `ttlMs`, so that the reserve grows back. */
export class Budget {
  readonly #clock: Clock;
  readonly #deposit: number;
  readonly #withdrawal: number;
  readonly #reserve: number;
  readonly #sliceMs: number;
  /** What came in the slice of now, and what in those before, if anything did: most names are seldom asked for. */
  #current = 0;
  #earlier: number[] | undefined;
  #sum = 0;
  #at = 0;
  #sliceEnds: number;

  constructor(params: BudgetParams, clock: Clock) {
    const { minRetriesPerSec, percentCanRetry, ttlMs } = params;
    const earns = percentCanRetry > 0;
    this.#clock = clock;
    this.#deposit = earns ? DEPOSIT : 0;
    this.#withdrawal = earns ? Math.max(1, Math.floor(DEPOSIT / percentCanRetry)) : 1;
    this.#reserve = Math.floor(minRetriesPerSec * (ttlMs / 1000)) * this.#withdrawal;
    this.#sliceMs = ttlMs / SLICES;
    this.#sliceEnds = clock.now() + this.#sliceMs;
  }

  /** For every request. `now` is monotonic ms. */
  deposit(now: number): void {
    this.#roll(now);
    this.#add(this.#deposit);
  }

  /** Takes the price of one retry, if it is there. */
  withdraw(now: number): boolean {
    this.#roll(now);
    if (this.#sum + this.#reserve < this.#withdrawal) return false;
    this.#add(-this.#withdrawal);
    return true;
  }

  /** How many retries could be paid for now. */
  get balance(): number {
    this.#roll(this.#clock.now());
    return Math.floor((this.#sum + this.#reserve) / this.#withdrawal);
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
