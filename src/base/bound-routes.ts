/** Which bound names routes lead to, as one thread tells another: some routes at a time, for there may be thousands. */

/** From which route on, in the order in which they were made, and how many. */
export interface BoundRoutesQuery {
  readonly bound: { readonly from: number; readonly count: number };
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
}

/** A thread that looks at so many serves requests again before it looks at more. */
const PAGE = 500;

/**
 * All of them, page by page; `ask` gives what each thread has of a page. Routes of one name are one. A route that is
 * made or goes meanwhile may be missed.
 */
export async function allBoundRoutes(
  ask: (query: BoundRoutesQuery) => Promise<readonly BoundRoutes[]>,
): Promise<readonly BoundRoutes[]> {
  const all = new Map<string, Map<string, Set<string>>>();
  for (let from = 0; ; from += PAGE) {
    const page = await ask({ bound: { from, count: PAGE } });
    for (const { label, routes } of page) {
      const known = all.get(label) ?? new Map<string, Set<string>>();
      all.set(label, known);
      for (const route of routes) addTo(known, route);
    }
    if (page.every(({ routes }) => routes.length < PAGE)) break;
  }
  return Array.from(all, ([label, routes]) => ({
    label,
    routes: Array.from(routes, ([name, clusters]) => ({ name, clusters: [...clusters] })),
  }));
}

function addTo(known: Map<string, Set<string>>, { name, clusters }: BoundRoute): void {
  const ids = known.get(name);
  if (ids === undefined) known.set(name, new Set(clusters));
  else for (const id of clusters) ids.add(id);
}
