import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Budget } from "../../src/router/budget.ts";
import { FakeClock } from "../../src/testing/index.ts";

/** Finagle's token bucket as its description has it: every deposit and withdrawal by itself, and what of them is old. */
class Ledger {
  readonly #entries: { readonly slice: number; readonly amount: number }[] = [];
  readonly #deposit: number;
  readonly #price: number;
  readonly #reserve: number;

  constructor(perSec: number, ratio: number, ttlSecs: number) {
    this.#deposit = ratio > 0 ? 1000 : 0;
    this.#price = ratio > 0 ? Math.max(1, Math.floor(1000 / ratio)) : 1;
    this.#reserve = perSec * ttlSecs * this.#price;
  }

  #available(slice: number): number {
    const young = this.#entries.filter((entry) => entry.slice > slice - 10);
    return this.#reserve + young.reduce((sum, { amount }) => sum + amount, 0);
  }

  deposit(slice: number): void {
    this.#entries.push({ slice, amount: this.#deposit });
  }

  withdraw(slice: number): boolean {
    if (this.#available(slice) < this.#price) return false;
    this.#entries.push({ slice, amount: -this.#price });
    return true;
  }

  balance(slice: number): number {
    return Math.floor(this.#available(slice) / this.#price);
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("deposit" as const) },
  { weight: 4, arbitrary: fc.constant("withdraw" as const) },
  { weight: 2, arbitrary: fc.nat({ max: 4000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 100_000 }) },
);

test("a budget pays as a ledger of all deposits and withdrawals would, whatever comes when", () => {
  const settings = fc.record({
    perSec: fc.nat({ max: 3 }),
    ratio: fc.constantFrom(0, 0.05, 0.2, 0.5, 1, 2, 1000),
    ttlSecs: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(settings, fc.array(step, { maxLength: 200 }), ({ perSec, ratio, ttlSecs }, steps) => {
      const clock = new FakeClock();
      const start = clock.now();
      const budget = new Budget({ minRetriesPerSec: perSec, percentCanRetry: ratio, ttlMs: ttlSecs * 1000 }, clock);
      const ledger = new Ledger(perSec, ratio, ttlSecs);
      const slice = (): number => Math.floor((clock.now() - start) / (ttlSecs * 100));
      for (const each of steps) {
        if (typeof each === "number") clock.advance(each);
        else if (each === "deposit") {
          budget.deposit(clock.now());
          ledger.deposit(slice());
        } else assert.equal(budget.withdraw(clock.now()), ledger.withdraw(slice()));
        assert.equal(budget.balance, ledger.balance(slice()));
      }
    }),
  );
});
