/** `/requests`: the last requests that were taken, as Linkerd 1's telemeter `io.l5d.recentRequests` showed them. */
import type { RequestRecord } from "../base/request-record.ts";
import { type AdminRoute, sendJson, sendText } from "./server.ts";
import type { WhySource } from "./why-routes.ts";

export interface RequestsShown {
  /** The share of the traces. */
  readonly sampleRate: number;
  readonly capacity: number;
}

/** As many as a thread is asked for at once. */
const MOST = 1_000;

/** A page for people; as data with `?format=json`. */
export function requestRoutes(ask: WhySource, { sampleRate: share, capacity }: RequestsShown): readonly AdminRoute[] {
  const limit = Math.min(capacity, MOST);
  return [
    {
      method: "GET",
      path: "/requests",
      handle: async ({ url }, response) => {
        const records = await ask({ why: { share, limit } });
        const requests = [...records].sort((a, b) => b.at - a.at).slice(0, limit);
        if (url.searchParams.get("format") === "json") return sendJson(response, { requests });
        sendText(response, 200, page(requests), "text/html; charset=utf-8");
      },
    },
  ];
}

const heads = [
  "Timestamp",
  "Source",
  "Server",
  "Router",
  "Logical Name",
  "Concrete Name",
  "Destination",
  "Answer",
  "ms",
];

function row(request: RequestRecord): string {
  const { at, caller = "", server, router, name = "", cluster = "", endpoint = "", status, code, tookMs } = request;
  const answer = code === undefined ? String(status) : `${status} ${code}`;
  const cells = [
    new Date(at).toISOString(),
    ...[caller, server, router].map(escaped),
    linked(name),
    linked(cluster),
    ...[endpoint, answer, tookMs.toFixed(1)].map(escaped),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

/** To the dtab playground, with the name filled in. */
function linked(name: string): string {
  return name === ""
    ? ""
    : `<a href="delegator#${escaped(encodeURI(name).replaceAll("#", "%23"))}">${escaped(name)}</a>`;
}

const page = (requests: readonly RequestRecord[]): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>linkspan: requests</title></head><body>
<h1>Requests</h1>
<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>${requests.map(row).join("\n")}</tbody></table>
<p>The last ones; <a href="requests?format=json">as data</a>. <a href=".">Back</a></p></body></html>
`;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
