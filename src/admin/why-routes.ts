/** `/api/why`: the records of the last requests, by the id of their trace, or those that did not go as they should. */
import type { RequestRecord, WhyQuery } from "../base/request-record.ts";
import { type AdminRoute, sendJson } from "./server.ts";

/** Asks all threads; who does not answer in time is left out. */
export type WhySource = (query: WhyQuery) => Promise<readonly RequestRecord[]>;

const ID = /^(?:[0-9a-f]{16})?[0-9a-f]{16}$/;
const MOST = 1_000;
const DEFAULT_LIMIT = 20;

export function whyRoutes(ask: WhySource): readonly AdminRoute[] {
  return [
    {
      method: "GET",
      path: "/api/why",
      handle: async ({ url }, response) => {
        const id = url.searchParams.get("id")?.toLowerCase();
        if (id !== undefined && !ID.test(id)) {
          return sendJson(response, { error: `${id} is no id: expected 16 hexadecimal digits, as in l5d-reqid` }, 400);
        }
        const limit = limitOf(url.searchParams.get("limit"));
        if (limit === undefined) return sendJson(response, { error: `limit is no number from 1 to ${MOST}` }, 400);
        // Of a long id the last half is what goes on as `l5d-reqid`.
        const requests = await ask({ why: { ...(id === undefined ? {} : { id: id.slice(-16) }), limit } });
        sendJson(response, { requests: [...requests].sort((a, b) => b.at - a.at).slice(0, limit) });
      },
    },
  ];
}

function limitOf(text: string | null): number | undefined {
  const limit = text === null ? DEFAULT_LIMIT : Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= MOST ? limit : undefined;
}
