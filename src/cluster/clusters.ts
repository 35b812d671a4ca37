/**
 * All clusters of a worker, by router, bound id and configuration; shared by the routes that name them. It is no `Cache`:
 * that makes one-shots when everything is in use, and two clusters of one id would each know half of its endpoints' load.
 */
import type { Clock } from "../base/time.ts";
import type { ClusterTier } from "./stack.ts";

export interface ClustersOptions {
  readonly clock: Clock;
  /** Past it, clusters that nobody leases go, the longest unused first. */
  readonly capacity: number;
  /** How long a cluster is kept that nobody leases. */
  readonly idleMs: number;
}

/** The right to send to a cluster; whoever has it disposes of it. */
export interface ClusterLease extends Disposable {
  readonly tier: ClusterTier;
}

interface Entry {
  readonly tier: ClusterTier;
  leases: number;
  idleSince: number;
}

/** A cluster that is leased, or has an exchange in flight, is never evicted, even past the capacity. */
export class Clusters implements AsyncDisposable {
  readonly #options: ClustersOptions;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #sweeper: Disposable | undefined;

  constructor(options: ClustersOptions) {
    this.#options = options;
  }

  /** The same key gives the same cluster for as long as it is kept; `open` makes one that is not there. */
  lease(key: string, open: () => ClusterTier): ClusterLease {
    const entry = this.#entries.get(key) ?? { tier: open(), leases: 0, idleSince: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.leases++;
    this.#evict(this.#entries.size - this.#options.capacity);
    let held = true;
    const release = (): void => {
      if (held) this.#release(entry);
      held = false;
    };
    return { tier: entry.tier, [Symbol.dispose]: release };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The clusters that are open now. */
  tiers(): readonly ClusterTier[] {
    return [...this.#entries.values()].map((entry) => entry.tier);
  }

  async close(drainMs?: number): Promise<void> {
    this.#sweeper?.[Symbol.dispose]();
    this.#sweeper = undefined;
    for (const [key, entry] of this.#entries) this.#close(key, entry, drainMs);
    await Promise.all(this.#closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #release(entry: Entry): void {
    entry.leases--;
    entry.idleSince = this.#options.clock.now();
    this.#evict(this.#entries.size - this.#options.capacity);
    this.#sweepLater();
  }

  #evict(surplus: number): void {
    let left = surplus;
    if (left <= 0) return;
    for (const [key, entry] of this.#entries) {
      if (left <= 0) break;
      if (isUsed(entry)) continue;
      this.#close(key, entry);
      left--;
    }
  }

  #sweepLater(): void {
    if (this.#entries.size === 0) return;
    this.#sweeper ??= this.#options.clock.timer(this.#options.idleMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#sweeper = undefined;
    const due = this.#options.clock.now() - this.#options.idleMs;
    let idle = 0;
    for (const [key, entry] of this.#entries) {
      if (entry.leases > 0) continue;
      if (entry.idleSince <= due && !isUsed(entry)) this.#close(key, entry);
      else idle++;
    }
    if (idle > 0) this.#sweepLater();
  }

  #close(key: string, entry: Entry, drainMs?: number): void {
    this.#entries.delete(key);
    const closing = entry.tier.close(drainMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function isUsed(entry: Entry): boolean {
  return entry.leases > 0 || entry.tier.cluster.outstanding > 0;
}
