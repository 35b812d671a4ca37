/** The state of this moment, once as JSON and each second as Server-Sent Events. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../base/time.ts";
import { type AdminRequest, type AdminRoute, sendJson, sendText } from "./server.ts";
import { type AdminSource, type Page, pageOf } from "./state.ts";

const intervalMs = 1_000;
const maxStreams = 32;

function pageFrom(url: URL): Page {
  const whole = (name: string, otherwise: number, most: number): number => {
    const value = Number(url.searchParams.get(name) ?? otherwise);
    return Number.isInteger(value) && value >= 0 ? Math.min(value, most) : otherwise;
  };
  const search = (url.searchParams.get("search") ?? "").slice(0, 200);
  return { search, page: whole("page", 0, 1e6), pageSize: Math.max(1, whole("size", 50, 500)) };
}

export function liveRoutes(source: AdminSource, clock: Clock): readonly AdminRoute[] {
  let streams = 0;

  const stream = ({ url }: AdminRequest, response: ServerResponse): void => {
    if (streams >= maxStreams) return sendText(response, 503, "too many pages are open on this port\n");
    streams++;
    const page = pageFrom(url);
    response.writeHead(200, { "content-type": "text/event-stream" });
    let timer: Disposable | undefined;
    let closed = false;
    const tell = async (): Promise<void> => {
      timer = undefined;
      // A page that does not read is not written to: the state is made anew each time.
      if (response.writableLength === 0) {
        const state = await pageOf(source, page, clock.wall());
        if (closed) return;
        response.write(`data: ${JSON.stringify(state)}\n\n`);
      }
      timer = clock.timer(intervalMs, () => void tell());
    };
    response.once("close", () => {
      streams--;
      closed = true;
      timer?.[Symbol.dispose]();
    });
    void tell();
  };

  return [
    {
      method: "GET",
      path: "/api/state",
      handle: async ({ url }, response) => sendJson(response, await pageOf(source, pageFrom(url), clock.wall())),
    },
    { method: "GET", path: "/api/stream", handle: stream },
  ];
}
