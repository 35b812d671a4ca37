/** Linkerd 1's endpoints of the admin port for people and scripts: ping, names, shutdown. */
import type { Clock } from "../base/time.ts";
import { namesOf, namesQueryOf } from "./names-query.ts";
import { type AdminHandler, type AdminRoute, sendJson, sendText } from "./server.ts";
import type { AdminSource } from "./state.ts";

const pong: AdminHandler = ({ raw }, response) => {
  raw.resume();
  sendText(response, 200, "pong");
};

export function operationRoutes(source: AdminSource, clock: Clock, shutdown: () => void): readonly AdminRoute[] {
  return [
    { method: "GET", path: "/admin/ping", handle: pong },
    { method: "POST", path: "/admin/ping", isQuestion: true, handle: pong },
    {
      method: "GET",
      path: "/admin/names",
      handle: async ({ url }, response) =>
        sendJson(response, { at: clock.wall(), ...(await namesOf(source, namesQueryOf(url))) }),
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
