/** Linkerd 1's endpoints of the admin port for people and scripts: ping, names, shutdown. */
import type { Clock } from "../base/time.ts";
import { type AdminRoute, sendJson, sendText } from "./server.ts";
import type { AdminSource } from "./state.ts";

const everything = { search: "", limit: Infinity };

export function operationRoutes(source: AdminSource, clock: Clock, shutdown: () => void): readonly AdminRoute[] {
  return [
    { method: "GET", path: "/admin/ping", handle: (_request, response) => sendText(response, 200, "pong") },
    {
      method: "GET",
      path: "/admin/names",
      handle: async (_request, response) => {
        const routers = (await source.routers(everything)).map(({ label, servers, routes, clusters }) => {
          return { label, servers, routes, clusters };
        });
        sendJson(response, { at: clock.wall(), routers, namers: source.namers() });
      },
    },
    {
      method: "POST",
      path: "/admin/shutdown",
      handle: (_request, response) => {
        // The answer leaves before the port closes.
        response.once("finish", shutdown);
        sendText(response, 200, "shutting down\n");
      },
    },
  ];
}
