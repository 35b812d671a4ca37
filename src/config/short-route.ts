/** A route of the short form, whichever way it was written. */
import { isDeepStrictEqual } from "node:util";
import type { HttpProtocol } from "./client-schema.ts";
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import type { Lead, Shadows } from "./short-entry.ts";
import { clusterSettings } from "./short-settings.ts";
import type { RouteSettings } from "./short-schema.ts";

/** Where requests of one protocol are led. */
export interface RouteLead extends Lead {
  readonly dentry: string;
}

export interface Route {
  /** Where it stands in the file. */
  readonly at: At;
  /** The logical name: `/svc/users`, or `/svc` for the rest. */
  readonly name: string;
  readonly leads: Readonly<Record<HttpProtocol, RouteLead>>;
  readonly settings: RouteSettings;
  /** Where copies of its requests go, if it has a shadow. */
  readonly shadows?: Shadows | undefined;
}

/** All routes, in the order of the dtab, and the identifier that tells requests apart by them. */
export interface Routes {
  readonly routes: readonly Route[];
  readonly identifier: { readonly kind: string };
}

/** Settings of clusters would hold for every other route to the same source as well. */
export function refuseSettings(keys: readonly string[], route: string, at: At, problems: ProblemList): void {
  for (const key of keys) {
    const message = `\`${key}\` for ${route} would hold for the others too`;
    problems.add({ at: [...at, key], key: true, message, expected: "it at the top level, for all routes" });
  }
}

/** Clusters are shared: what one route says of them must be said by all that lead there. */
export function checkClusters(routes: readonly Route[], problems: ProblemList): void {
  const seen = new Map<string, Route>();
  for (const route of routes) {
    for (const target of route.leads.http.targets) {
      const other = seen.get(target);
      seen.set(target, route);
      if (other === undefined) continue;
      const key = clusterSettings.find((each) => !isDeepStrictEqual(other.settings[each], route.settings[each]));
      if (key === undefined) continue;
      const at = key in route.settings ? route.at : other.at;
      const message = `\`${key}\` is one for all requests to ${target}, and another route to it says otherwise`;
      problems.add({ at: [...at, key], key: true, message, expected: "the same for both routes" });
    }
  }
}
