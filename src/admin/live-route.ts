/** What a router does now with one logical name. */
import type { LiveRoute } from "../naming/explanation.ts";
import type { AdminSource } from "./state.ts";

/** `undefined` where it keeps nothing for that name. */
export async function liveRouteOf(source: AdminSource, label: string, name: string): Promise<LiveRoute | undefined> {
  const parts = await source.routers({ search: name, limit: Infinity });
  const part = parts.find((each) => each.label === label);
  const route = part?.routes.find((each) => each.name === name);
  if (part === undefined || route === undefined) return undefined;
  const { state, cause, clusters, requests } = route;
  const closed = part.clusters
    .filter(({ id }) => clusters.includes(id))
    .flatMap(({ id, endpoints }) =>
      endpoints
        .filter(({ status }) => status !== "open")
        .map(({ address, status, reason }) => ({ id, address, status, reason })),
    );
  return { state, ...(cause === undefined ? {} : { cause }), clusters, requests, closed };
}
