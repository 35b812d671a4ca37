/** The active checks of one cluster: each endpoint again and again, and what is known of all of them. */
import { type Address, addressKey } from "../../base/address.ts";
import type { HealthReport } from "../../base/health.ts";
import type { Clock, Random } from "../../base/time.ts";
import type { Turnstile } from "../../base/turnstile.ts";
import type { Checker, CheckResult, CheckTimes } from "./check.ts";
import { CheckedEndpoint } from "./checked-endpoint.ts";

export interface CheckedClusterParts {
  readonly times: CheckTimes;
  readonly checker: Checker;
  readonly clock: Clock;
  readonly random: Random;
  /** Bounds the checks under way on this host. */
  readonly turnstile: Turnstile;
  /** Hears of every check. */
  readonly checked: (result: CheckResult) => void;
  /** Hears that `report` is another. */
  readonly changed: () => void;
}

/** The first checks of endpoints that come together are spread over so long at most. */
const FIRST_WITHIN_MS = 1_000;
/** Each wait is as long as the interval, give or take this share of it. */
const JITTER = 0.1;
/** What changes within so long is told together. */
const GATHER_MS = 100;

interface Entry extends Disposable {
  readonly endpoint: CheckedEndpoint;
}

/** Whoever opened it disposes of it. */
export class CheckedCluster implements Disposable {
  readonly #parts: CheckedClusterParts;
  readonly #entries = new Map<string, Entry>();
  #gathering: Disposable | undefined;

  constructor(parts: CheckedClusterParts) {
    this.#parts = parts;
  }

  /** These are the endpoints from now on; what is known of those that were there already goes on. */
  follow(addresses: Iterable<Address>): void {
    const gone = new Map(this.#entries);
    for (const address of addresses) {
      const key = addressKey(address);
      if (!gone.delete(key) && !this.#entries.has(key)) this.#entries.set(key, this.#begin(address));
    }
    for (const [key, entry] of gone) {
      this.#entries.delete(key);
      entry[Symbol.dispose]();
      if (entry.endpoint.health !== undefined) this.#tellSoon();
    }
  }

  get report(): HealthReport {
    const known = [...this.#entries].flatMap(
      ([
        key,
        {
          endpoint: { health },
        },
      ]) => (health === undefined ? [] : [[key, health] as const]),
    );
    return new Map(known);
  }

  [Symbol.dispose](): void {
    this.#gathering?.[Symbol.dispose]();
    for (const entry of this.#entries.values()) entry[Symbol.dispose]();
    this.#entries.clear();
  }

  #begin(address: Address): Entry {
    const { times, clock, random, turnstile, checker, checked } = this.#parts;
    const endpoint = new CheckedEndpoint(times);
    const end = new AbortController();
    let timer: Disposable | undefined;
    const wait = (ms: number): void => {
      timer = clock.timer(ms, () => void turnstile.pass(once));
    };
    const once = async (): Promise<void> => {
      if (end.signal.aborted) return;
      const result = await checker.check(address, end.signal);
      if (end.signal.aborted) return;
      checked(result);
      if (endpoint.heard(result, clock.wall())) this.#tellSoon();
      wait(times.intervalMs * (1 + JITTER * (2 * random.next() - 1)));
    };
    wait(Math.min(times.intervalMs, FIRST_WITHIN_MS) * random.next());
    const dispose = (): void => {
      timer?.[Symbol.dispose]();
      end.abort();
    };
    return { endpoint, [Symbol.dispose]: dispose };
  }

  #tellSoon(): void {
    const { clock, changed } = this.#parts;
    this.#gathering ??= clock.timer(GATHER_MS, () => {
      this.#gathering = undefined;
      changed();
    });
  }
}
