/** The prober of a host: every cluster that somebody wants checked is checked once, however many want it. */
import type { Address } from "../../base/address.ts";
import type { HealthReport, HealthSource, HealthSubject, HealthWatch } from "../../base/health.ts";
import { Scope } from "../../base/scope.ts";
import type { Clock, Random } from "../../base/time.ts";
import { Turnstile } from "../../base/turnstile.ts";
import type { Checker, CheckResult, CheckTimes } from "./check.ts";
import { CheckedCluster } from "./checked-cluster.ts";

/** How the endpoints of a subject are checked; two of the same `key` are checked as one. */
export interface CheckPlan {
  readonly key: string;
  readonly times: CheckTimes;
  /** Called once for each cluster that is checked; what it opens belongs to `owner`. */
  open(owner: Scope): Checker;
}

export interface HealthChecksParts {
  readonly clock: Clock;
  readonly random: Random;
  /** `undefined` where nothing, or nothing any more, is said of such checks. Throws what a checker cannot be made for. */
  planOf(subject: HealthSubject): CheckPlan | undefined;
  readonly checked: (subject: HealthSubject, result: CheckResult) => void;
  /** Hears of what no checker could be made for, and of one that could not be closed. */
  readonly failed: (subject: HealthSubject, error: unknown) => void;
}

/** Checks under way at one time. */
const AT_ONCE = 64;

interface Watcher {
  readonly hear: (report: HealthReport) => void;
  addresses: readonly Address[];
}

interface Checked extends Disposable {
  readonly cluster: CheckedCluster;
  readonly watchers: Set<Watcher>;
}

export class HealthChecks implements HealthSource, Disposable {
  readonly #parts: HealthChecksParts;
  readonly #checked = new Map<string, Checked>();
  readonly #turnstile = new Turnstile(AT_ONCE, Infinity);

  constructor(parts: HealthChecksParts) {
    this.#parts = parts;
  }

  /** Clusters that are checked now. */
  get size(): number {
    return this.#checked.size;
  }

  watch(subject: HealthSubject, hear: (report: HealthReport) => void): HealthWatch {
    const watcher: Watcher = { hear, addresses: [] };
    const plan = this.#plan(subject);
    const checked = plan && (this.#checked.get(plan.key) ?? this.#open(plan, subject));
    if (plan === undefined || checked === undefined) {
      return { follow: () => undefined, [Symbol.dispose]: () => undefined };
    }
    checked.watchers.add(watcher);
    return {
      follow: (addresses) => {
        if (!checked.watchers.has(watcher)) return;
        watcher.addresses = addresses;
        followAll(checked);
        // Some of them others may have had checked before.
        const { report } = checked.cluster;
        if (report.size > 0) hear(report);
      },
      [Symbol.dispose]: () => {
        if (!checked.watchers.delete(watcher)) return;
        if (checked.watchers.size > 0) return followAll(checked);
        this.#checked.delete(plan.key);
        checked[Symbol.dispose]();
      },
    };
  }

  [Symbol.dispose](): void {
    for (const checked of this.#checked.values()) checked[Symbol.dispose]();
    this.#checked.clear();
  }

  #plan(subject: HealthSubject): CheckPlan | undefined {
    try {
      return this.#parts.planOf(subject);
    } catch (error) {
      this.#parts.failed(subject, error);
      return undefined;
    }
  }

  #open(plan: CheckPlan, subject: HealthSubject): Checked | undefined {
    const { clock, random, failed, checked: tell } = this.#parts;
    const scope = new Scope();
    const close = (): void => void scope.close().catch((error: unknown) => failed(subject, error));
    try {
      const watchers = new Set<Watcher>();
      const checker = plan.open(scope);
      const cluster: CheckedCluster = scope.own(
        new CheckedCluster({
          times: plan.times,
          checker,
          clock,
          random,
          turnstile: this.#turnstile,
          checked: (result) => tell(subject, result),
          changed: () => {
            const { report } = cluster;
            for (const { hear } of watchers) hear(report);
          },
        }),
      );
      const checked: Checked = { cluster, watchers, [Symbol.dispose]: close };
      this.#checked.set(plan.key, checked);
      return checked;
    } catch (error) {
      close();
      failed(subject, error);
      return undefined;
    }
  }
}

/** Workers hear of a set one after the other: what one of them has is checked. */
function followAll({ cluster, watchers }: Checked): void {
  const [only, ...others] = watchers;
  if (only === undefined) return;
  cluster.follow(others.length === 0 ? only.addresses : [...watchers].flatMap(({ addresses }) => addresses));
}
