/**
 * The routes of a router: a bounded number of them, each closed when nobody has used it for long. It is no `Cache`
 * because a route itself knows whether it is in use, and a full cache must find its victim without a search.
 */
import type { Counter } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";
import type { Route, RouteKeeper } from "./route.ts";

/** What happens to routes: made, pushed out, idle for too long, made for one use. */
export type RouteCacheCounts = Readonly<Record<"misses" | "evicts" | "expires" | "oneshots", Counter>>;

/**
 * When it is full, a route goes that never led anywhere, the oldest first; only where all did, the one that has been
 * idle longest. So names that callers make up push
 * out only each other, and cost no search. Where all are busy, a route is made for one use. One timer
 * closes what was idle for `idleTtlMs`, which so lives between one and two such times.
 */
export class RouteCache implements RouteKeeper {
  readonly #counts: RouteCacheCounts;
  readonly #routes = new Map<string, Route>();
  /** Those of them that have led nowhere yet, the oldest first. */
  readonly #unproven = new Map<string, Route>();
  readonly #oneShots = new Set<Route>();
  /** Those that were called since they were taken from here. */
  readonly #called = new Set<Route>();
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #idleTtlMs: number;
  #sweeper: Disposable | undefined;
  #closed = false;
  /** Resolves when the last route is idle. */
  #retired: (() => void) | undefined;

  constructor(clock: Clock, capacity: number, idleTtlMs: number, counts: RouteCacheCounts) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#idleTtlMs = idleTtlMs;
    this.#counts = counts;
  }

  get size(): number {
    return this.#routes.size;
  }

  get(key: string): Route | undefined {
    return this.#routes.get(key);
  }

  /** Keeps a new route, or, where there is no room for it, remembers to close it after its use. */
  add(route: Route): void {
    const { key } = route;
    this.#counts.misses.value++;
    if (this.#closed || (this.#routes.size >= this.#capacity && !this.#evict())) {
      this.#counts.oneshots.value++;
      this.#oneShots.add(route);
      return;
    }
    this.#routes.set(key, route);
    if (!route.isProven) this.#unproven.set(key, route);
    this.#sweeper ??= this.#clock.timer(this.#idleTtlMs, () => this.#sweep());
  }

  idle(route: Route): void {
    if (this.#oneShots.size === 0 || !this.#oneShots.delete(route)) return;
    this.#close(route);
    if (this.#oneShots.size === 0) this.#retired?.();
  }

  proven(route: Route): void {
    if (this.#unproven.get(route.key) === route) this.#unproven.delete(route.key);
  }

  called(route: Route): void {
    this.#called.add(route);
  }

  /** So many at most of those that were called since they were taken last. */
  takeCalled(count: number): readonly Route[] {
    const taken: Route[] = [];
    for (const route of this.#called) {
      if (taken.length >= count) break;
      taken.push(route);
      this.#called.delete(route);
    }
    return taken;
  }

  /** So many that are kept, from one on, in the order in which they were made. */
  slice(from: number, count: number): readonly Route[] {
    const found: Route[] = [];
    let at = 0;
    for (const route of this.#routes.values()) {
      if (at >= from + count) break;
      if (at++ >= from) found.push(route);
    }
    return found;
  }

  routes(): readonly Route[] {
    return [...this.#routes.values(), ...this.#oneShots];
  }

  /** Closes all routes; those that still come are for one use. */
  close(): void {
    const all = this.routes();
    this.#cease();
    this.#oneShots.clear();
    for (const route of all) this.#close(route);
    this.#retired?.();
  }

  /** Closes each route as soon as it is idle, and resolves when all are closed; those that still come are for one use. */
  retire(): Promise<void> {
    const idle = [...this.#routes.values()].filter((route) => !route.isBusy);
    for (const route of this.#routes.values()) if (route.isBusy) this.#oneShots.add(route);
    this.#cease();
    for (const route of idle) this.#close(route);
    if (this.#oneShots.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#retired = resolve;
    return promise;
  }

  #cease(): void {
    this.#closed = true;
    this.#sweeper?.[Symbol.dispose]();
    this.#sweeper = undefined;
    this.#routes.clear();
    this.#unproven.clear();
  }

  #evict(): boolean {
    const victim = this.#oldestUnproven() ?? this.#longestIdle();
    if (victim === undefined) return false;
    this.#counts.evicts.value++;
    this.#remove(victim);
    return true;
  }

  #oldestUnproven(): string | undefined {
    for (const [key, route] of this.#unproven) if (!route.isBusy) return key;
    return undefined;
  }

  #longestIdle(): string | undefined {
    let found: string | undefined;
    let since = Infinity;
    for (const [key, route] of this.#routes) {
      if (route.isBusy || route.idleSince >= since) continue;
      found = key;
      since = route.idleSince;
    }
    return found;
  }

  #remove(key: string): void {
    const route = this.#routes.get(key);
    this.#routes.delete(key);
    this.#unproven.delete(key);
    if (route !== undefined) this.#close(route);
  }

  #close(route: Route): void {
    this.#called.delete(route);
    route.close();
  }

  #sweep(): void {
    const before = this.#clock.now() - this.#idleTtlMs;
    for (const [key, route] of this.#routes) {
      if (route.isBusy || route.idleSince > before) continue;
      this.#counts.expires.value++;
      this.#remove(key);
    }
    const more = this.#routes.size > 0 && !this.#closed;
    this.#sweeper = more ? this.#clock.timer(this.#idleTtlMs, () => this.#sweep()) : undefined;
  }
}
