/** Reads the routes of the short form: by host, or as a list of which the first that matches is taken. */
import type { EntryReader } from "./short-entry.ts";
import { HostReader } from "./short-hosts.ts";
import { readListedRoutes } from "./short-matches.ts";
import type { Routes } from "./short-route.ts";
import type { Source } from "./source.ts";

const byHost = { kind: "linkspan.host" };

/** Without a problem: none where the file has none. */
export function readRoutes(source: Source, reader: EntryReader): Routes | undefined {
  const written: unknown = (source.value as { readonly routes?: unknown } | undefined)?.routes;
  if (written === undefined || written === null) return { routes: [], identifier: byHost };
  if (typeof written !== "object") return undefined;
  if (Object.keys(written).length === 0) {
    reader.problems.add({ at: ["routes"], message: "there are no routes", expected: "HOST: SOURCE/SERVICE" });
    return undefined;
  }
  if (Array.isArray(written)) return readListedRoutes(written as readonly unknown[], reader);
  const routes = new HostReader(reader).read(written as Readonly<Record<string, unknown>>);
  return routes && { routes, identifier: byHost };
}
