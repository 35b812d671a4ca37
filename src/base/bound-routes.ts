/** Which bound names routes lead to, as one thread tells another: some routes at a time, for there may be thousands. */

export interface BoundRoutesQuery {
  readonly bound: RoutesPage | CalledRoutes;
}

/** From which route on, in the order in which they were made, and how many. */
export interface RoutesPage {
  readonly from: number;
  readonly count: number;
}

/** So many at most of those that somebody has called since they were told last, and who; one only may ask. */
export interface CalledRoutes {
  readonly called: number;
}

/** Of one router. */
export interface BoundRoutes {
  readonly label: string;
  readonly routes: readonly BoundRoute[];
}

export interface BoundRoute {
  /** The logical name. */
  readonly name: string;
  /** The bound names, as an interpreter gives them, such as `/#/io.l5d.curator/users`. */
  readonly clusters: readonly string[];
  /** Who has called since that was told last, where it was asked for. */
  readonly callers?: readonly RouteCaller[];
  /** Connections of others, that had no room. */
  readonly left?: number;
}

/** Where a connection comes from. */
export interface RouteCaller {
  readonly address: string;
  /** Whom its certificate shows it to be, where it has shown one. */
  readonly certificate?: string;
}

/** A thread that looks at so many serves requests again before it looks at more. */
const PAGE = 500;
/** So many pages of called routes at most in one go, however fast they are called anew. */
const MOST_PAGES = 200;

type Ask = (query: BoundRoutesQuery) => Promise<readonly BoundRoutes[]>;

/**
 * All of them, page by page; `ask` gives what each thread has of a page. Routes of one name are one. A route that is
 * made or goes meanwhile may be missed.
 */
export async function allBoundRoutes(ask: Ask): Promise<readonly BoundRoutes[]> {
  const all = new Map<string, Map<string, Set<string>>>();
  for (let from: number | undefined = 0; from !== undefined;) {
    const { page, next } = await someBoundRoutes(ask, from);
    for (const { label, routes } of page) {
      const known = all.get(label) ?? new Map<string, Set<string>>();
      all.set(label, known);
      for (const { name, clusters } of routes) known.set(name, new Set([...(known.get(name) ?? []), ...clusters]));
    }
    from = next;
  }
  return Array.from(all, ([label, routes]) => ({
    label,
    routes: Array.from(routes, ([name, clusters]) => ({ name, clusters: [...clusters] })),
  }));
}

/** One page of them, as each thread has it, and where the next one begins; no thread has more where that is undefined. */
export async function someBoundRoutes(
  ask: Ask,
  from: number,
): Promise<{ readonly page: readonly BoundRoutes[]; readonly next: number | undefined }> {
  const page = await ask({ bound: { from, count: PAGE } });
  return { page, next: page.some(({ routes }) => routes.length >= PAGE) ? from + PAGE : undefined };
}

/** Tells, page by page, which routes somebody has called since they were told last, as each thread has them. */
export async function calledRoutes(ask: Ask, hear: (page: readonly BoundRoutes[]) => void): Promise<void> {
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await ask({ bound: { called: PAGE } });
    hear(page);
    if (page.every(({ routes }) => routes.length < PAGE)) return;
  }
}
