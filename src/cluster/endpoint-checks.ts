/** What a cluster knows of its endpoints' health from active checks: what was said last holds until something else is. */
import { type Address, addressKey } from "../base/address.ts";
import type { EndpointHealth, HealthReport, HealthWatch } from "../base/health.ts";

/** Opens the checks of a cluster, which is told of their news. */
export type WatchHealth = (hear: (report: HealthReport) => void) => HealthWatch;

export class EndpointChecks implements Disposable {
  readonly #watch: HealthWatch;
  #known: HealthReport = new Map();
  #keys: ReadonlySet<string> = new Set();

  /** `changed` is called when `of` may say another thing. */
  constructor(watch: WatchHealth, changed: () => void) {
    this.#watch = watch((report) => {
      this.#known = this.#kept(report);
      changed();
    });
  }

  of(key: string): EndpointHealth | undefined {
    return this.#known.get(key);
  }

  follow(addresses: readonly Address[]): void {
    const keys = new Set(addresses.map(addressKey));
    // Who comes back one day may be another.
    this.#known = new Map([...this.#known].filter(([key]) => keys.has(key)));
    this.#keys = keys;
    this.#watch.follow(addresses);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  /** A prober that was started anew knows little at first, which makes nobody well. */
  #kept(report: HealthReport): HealthReport {
    const said = [...report].filter(([key]) => this.#keys.has(key));
    return new Map([...this.#known, ...said]);
  }
}
