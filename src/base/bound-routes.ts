/** Which bound names routes lead to, as one thread tells another: some routes at a time, for there may be thousands. */

/** From which route on, in the order in which they were made, and how many. */
export interface BoundRoutesQuery {
  readonly bound: {
    readonly from: number;
    readonly count: number;
    /** Whether it is to be told who has called since it was asked for that; one only may ask. */
    readonly callers?: true;
  };
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
  /** Who has called since the last question for it, where it was asked for. */
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

/**
 * All of them, page by page; `ask` gives what each thread has of a page. Routes of one name are one. A route that is
 * made or goes meanwhile may be missed.
 */
export async function allBoundRoutes(
  ask: (query: BoundRoutesQuery) => Promise<readonly BoundRoutes[]>,
  more: Pick<BoundRoutesQuery["bound"], "callers"> = {},
): Promise<readonly BoundRoutes[]> {
  const all = new Map<string, Map<string, Merged>>();
  for (let from = 0; ; from += PAGE) {
    const page = await ask({ bound: { from, count: PAGE, ...more } });
    for (const { label, routes } of page) {
      const known = all.get(label) ?? new Map<string, Merged>();
      all.set(label, known);
      for (const route of routes) addTo(known, route);
    }
    if (page.every(({ routes }) => routes.length < PAGE)) break;
  }
  return Array.from(all, ([label, routes]) => ({ label, routes: Array.from(routes, shownRoute) }));
}

interface Merged {
  readonly clusters: Set<string>;
  readonly callers: Map<string, RouteCaller>;
  left: number;
}

function addTo(known: Map<string, Merged>, { name, clusters, callers = [], left = 0 }: BoundRoute): void {
  const merged: Merged = known.get(name) ?? { clusters: new Set(), callers: new Map(), left: 0 };
  known.set(name, merged);
  for (const id of clusters) merged.clusters.add(id);
  for (const caller of callers) merged.callers.set(callerKey(caller), caller);
  merged.left += left;
}

function shownRoute([name, { clusters, callers, left }]: readonly [string, Merged]): BoundRoute {
  const called = callers.size === 0 ? {} : { callers: [...callers.values()] };
  return { name, clusters: [...clusters], ...called, ...(left === 0 ? {} : { left }) };
}

export const callerKey = ({ address, certificate = "" }: RouteCaller): string => `${address} ${certificate}`;
