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

/** What a lease needs of the clusters. */
interface Lessor {
  released(entry: Entry): void;
}

class Lease implements ClusterLease {
  readonly #entry: Entry;
  #lessor: Lessor | undefined;

  constructor(entry: Entry, lessor: Lessor) {
    this.#entry = entry;
    this.#lessor = lessor;
  }

  get tier(): ClusterTier {
    return this.#entry.tier;
  }

  [Symbol.dispose](): void {
    this.#lessor?.released(this.#entry);
    this.#lessor = undefined;
  }
}

interface Entry {
  readonly key: string;
  readonly tier: ClusterTier;
  leases: number;
  idleSince: number;
}

/** A cluster that is leased, or has an exchange in flight, is never evicted, even past the capacity. */
export class Clusters implements Lessor, AsyncDisposable {
  #options: ClustersOptions;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  /** Nobody leases them any more; they close when the last who did lets go. */
  readonly #retired = new Set<Entry>();
  readonly #closing = new Set<Promise<void>>();
  #sweeper: Disposable | undefined;

  constructor(options: ClustersOptions) {
    this.#options = options;
  }

  /** The same key gives the same cluster for as long as it is kept; `open` makes one that is not there. */
  lease(key: string, open: () => ClusterTier): ClusterLease {
    const entry = this.#entries.get(key) ?? { key, tier: open(), leases: 0, idleSince: 0 };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.leases++;
    this.#evict(this.#entries.size - this.#options.capacity);
    return new Lease(entry, this);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The clusters that are open now. */
  tiers(): readonly ClusterTier[] {
    return [...this.#entries.values(), ...this.#retired].map((entry) => entry.tier);
  }

  /** What holds from now on. */
  limit(options: Pick<ClustersOptions, "capacity" | "idleMs">): void {
    this.#options = { ...this.#options, ...options };
    this.#evict(this.#entries.size - options.capacity);
    this.#sweeper?.[Symbol.dispose]();
    this.#sweeper = undefined;
    this.#sweepLater();
  }

  /** Whoever asks for another than the current key of a bound id does so no more. */
  retire(isCurrent: (key: string, id: string) => boolean): void {
    for (const [key, entry] of this.#entries) {
      if (isCurrent(key, entry.tier.cluster.id)) continue;
      if (!isUsed(entry)) {
        this.#close(entry);
        continue;
      }
      this.#entries.delete(key);
      this.#retired.add(entry);
    }
  }

  async close(drainMs?: number): Promise<void> {
    this.#sweeper?.[Symbol.dispose]();
    this.#sweeper = undefined;
    for (const entry of [...this.#entries.values(), ...this.#retired]) this.#close(entry, drainMs);
    await Promise.all(this.#closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Of a lease. */
  released(entry: Entry): void {
    entry.leases--;
    entry.idleSince = this.#options.clock.now();
    if (this.#retired.has(entry) && !isUsed(entry)) return this.#close(entry);
    this.#evict(this.#entries.size - this.#options.capacity);
    this.#sweepLater();
  }

  #evict(surplus: number): void {
    let left = surplus;
    if (left <= 0) return;
    for (const entry of this.#entries.values()) {
      if (left <= 0) break;
      if (isUsed(entry)) continue;
      this.#close(entry);
      left--;
    }
  }

  #sweepLater(): void {
    if (this.#entries.size + this.#retired.size === 0) return;
    this.#sweeper ??= this.#options.clock.timer(this.#options.idleMs, () => this.#sweep());
  }

  #sweep(): void {
    this.#sweeper = undefined;
    const due = this.#options.clock.now() - this.#options.idleMs;
    let idle = this.#retired.size;
    for (const entry of this.#entries.values()) {
      if (entry.leases > 0) continue;
      if (entry.idleSince <= due && !isUsed(entry)) this.#close(entry);
      else idle++;
    }
    for (const entry of this.#retired) if (!isUsed(entry)) this.#close(entry);
    if (idle > 0) this.#sweepLater();
  }

  #close(entry: Entry, drainMs?: number): void {
    if (!this.#retired.delete(entry)) this.#entries.delete(entry.key);
    const closing = entry.tier.close(drainMs).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function isUsed(entry: Entry): boolean {
  return entry.leases > 0 || entry.tier.cluster.outstanding > 0;
}
