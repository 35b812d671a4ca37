/** What the guard holds, and the operator's order to believe it. */
import { Path } from "../naming/path.ts";
import { type AdminHandler, type AdminRoute, sendJson } from "./server.ts";
import type { AdminSource } from "./state.ts";

/** A loss that is held; `name` is the bound id, as `/#/io.l5d.fs/users`, or a dtab, as `/interpreters/http/routes.dtab`. */
export interface HeldState {
  readonly name: string;
  /** Epoch ms; until when at most. */
  readonly since: number;
  readonly until: number;
  readonly lost: number;
}

const watched = [Path.of("#"), Path.of("interpreters")];

export function guardRoutes(source: AdminSource, release: (id: Path) => boolean): readonly AdminRoute[] {
  const releaseNamed: AdminHandler = async ({ url }, response) => {
    const text = url.searchParams.get("name") ?? "";
    const name = pathOf(text);
    if (name === undefined) return sendJson(response, { error: `${text} is not a name, such as /svc/users` }, 400);
    const isWatched = watched.some((prefix) => name.startsWith(prefix));
    const ids = isWatched ? [name] : await boundTo(source, name);
    const released = ids.filter((id) => release(id)).map((id) => id.show);
    if (released.length > 0) return sendJson(response, { released });
    sendJson(response, { error: `nothing is held of ${name.show}` }, 404);
  };
  return [
    { method: "GET", path: "/admin/guard", handle: (_, response) => sendJson(response, { held: heldBy(source) }) },
    { method: "POST", path: "/admin/guard/release", handle: releaseNamed },
  ];
}

function heldBy(source: AdminSource): readonly HeldState[] {
  const all = source
    .namers()
    .flatMap(({ prefix, watches }) =>
      watches.flatMap(({ name, held }) =>
        held === undefined ? [] : [{ name: `${prefix}${name}`, since: held.since, until: held.until, lost: held.lost }],
      ),
    );
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The bound ids behind a logical name, on whichever router. */
async function boundTo(source: AdminSource, name: Path): Promise<readonly Path[]> {
  const parts = await source.routers({ search: name.show, limit: Infinity });
  const routes = parts.flatMap((part) => part.routes).filter((route) => route.name === name.show);
  return [...new Set(routes.flatMap((route) => route.clusters))].map((id) => Path.read(id));
}

function pathOf(text: string): Path | undefined {
  try {
    const path = Path.read(text);
    return path.size > 0 ? path : undefined;
  } catch {
    return undefined;
  }
}
