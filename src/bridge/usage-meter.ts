/** Looks now and then which bound names routes have, and how many requests each has had since. */
import {
  allBoundRoutes,
  type BoundRoutes,
  type BoundRoutesQuery,
  calledRoutes,
  someBoundRoutes,
} from "../base/bound-routes.ts";
import type { Clock } from "../base/time.ts";
import type { UsageBook } from "./usage-book.ts";

export interface UsageMeterParts {
  readonly book: UsageBook;
  readonly clock: Clock;
  readonly bound: (query: BoundRoutesQuery) => Promise<readonly BoundRoutes[]>;
  /** What a router has sent to a bound name until now. */
  readonly requests: (router: string, id: string) => SentRequests | undefined;
}

export interface SentRequests {
  /** What counts them, which goes when nobody has the bound name any more. */
  readonly counter: object;
  readonly count: number;
}

const EVERY_MS = 30_000;

/**
 * Every half minute it notes the routes that were called since, and a page of all: of thousands that rest, nothing more
 * is asked than that they are there still. When somebody wants to know, it looks at all.
 */
export class UsageMeter implements Disposable {
  readonly #parts: UsageMeterParts;
  readonly #noted = new WeakMap<object, number>();
  /** Where the next page begins. */
  #from = 0;
  #last: Promise<unknown> = Promise.resolve();
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor(parts: UsageMeterParts) {
    this.#parts = parts;
    this.#schedule();
  }

  /** Notes what is so now, and tells it. */
  look(): Promise<readonly BoundRoutes[]> {
    return this.#next(async () => {
      await this.#noteCalled();
      const routers = await allBoundRoutes(this.#parts.bound);
      this.#note(routers);
      return routers;
    });
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
  }

  /** How many requests of a router to a bound name are in the book, of those that are counted still. */
  noted(router: string, id: string): number | undefined {
    const sent = this.#parts.requests(router, id);
    return sent && this.#noted.get(sent.counter);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = this.#parts.clock.timer(EVERY_MS, () => {
      // A worker that does not answer is left out of this look.
      void this.#next(() => this.#lookAtSome())
        .catch(() => undefined)
        .then(() => this.#schedule());
    });
  }

  /** One after the other: what was told to one is told to no other. */
  #next<T>(look: () => Promise<T>): Promise<T> {
    const done = this.#last.then(look);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #lookAtSome(): Promise<void> {
    await this.#noteCalled();
    const { page, next = 0 } = await someBoundRoutes(this.#parts.bound, this.#from);
    this.#from = next;
    this.#note(page);
  }

  #noteCalled(): Promise<void> {
    return calledRoutes(this.#parts.bound, (page) => this.#note(page));
  }

  #note(routers: readonly BoundRoutes[]): void {
    const { book, clock } = this.#parts;
    const now = clock.wall();
    for (const { label: router, routes } of routers) {
      for (const { name, clusters, callers: hosts = [], left = 0 } of routes) {
        const callers = [{ router, name }];
        for (const id of clusters)
          book.note({ id, callers, requests: this.#newRequests(router, id), hosts, left }, now);
      }
    }
  }

  /** Since this was asked last: routes share what a router has of a bound name. */
  #newRequests(router: string, id: string): number {
    const sent = this.#parts.requests(router, id);
    if (sent === undefined) return 0;
    const { counter, count } = sent;
    const before = this.#noted.get(counter) ?? this.#parts.book.takeCounted(router, id) ?? 0;
    if (count > 0) this.#noted.set(counter, count);
    // What counts less than before has begun anew.
    return count < before ? count : count - before;
  }
}
