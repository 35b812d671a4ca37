/** Looks now and then which bound names routes have, and how many requests each has had since. */
import type { BoundRoutes, RouteCaller } from "../base/bound-routes.ts";
import type { Clock } from "../base/time.ts";
import type { UsageBook, UsageCaller } from "./usage-book.ts";

export interface UsageMeterParts {
  readonly book: UsageBook;
  readonly clock: Clock;
  readonly routers: () => Promise<readonly BoundRoutes[]>;
  /** How many requests a router has sent to a bound name until now; it may begin anew. */
  readonly requests: (router: string, id: string) => number;
}

const EVERY_MS = 30_000;

interface Seen {
  readonly callers: UsageCaller[];
  readonly hosts: RouteCaller[];
  requests: number;
  left: number;
}

export class UsageMeter implements Disposable {
  readonly #parts: UsageMeterParts;
  #counted = new Map<string, number>();
  #looking: Promise<readonly BoundRoutes[]> | undefined;
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor(parts: UsageMeterParts) {
    this.#parts = parts;
    this.#schedule();
  }

  /** Notes what is so now, and tells it. */
  look(): Promise<readonly BoundRoutes[]> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = this.#parts.clock.timer(EVERY_MS, () => {
      // A worker that does not answer is left out of this look.
      void this.look()
        .catch(() => undefined)
        .then(() => this.#schedule());
    });
  }

  async #look(): Promise<readonly BoundRoutes[]> {
    const { book, clock } = this.#parts;
    const routers = await this.#parts.routers();
    const now = clock.wall();
    const before = this.#counted;
    const counted = new Map<string, number>();
    const seen = new Map<string, Seen>();
    for (const { label: router, routes } of routers) {
      for (const { name, clusters, callers = [], left = 0 } of routes) {
        for (const id of clusters) {
          const usage: Seen = seen.get(id) ?? { callers: [], requests: 0, hosts: [], left: 0 };
          seen.set(id, usage);
          usage.callers.push({ router, name });
          usage.hosts.push(...callers);
          usage.left += left;
          const key = `${router} ${id}`;
          // Routes share what a router has of a bound name.
          if (counted.has(key)) continue;
          const count = this.#parts.requests(router, id);
          counted.set(key, count);
          const last = before.get(key) ?? 0;
          usage.requests += count < last ? count : count - last;
        }
      }
    }
    this.#counted = counted;
    for (const [id, usage] of seen) book.note({ id, ...usage }, now);
    return routers;
  }
}
