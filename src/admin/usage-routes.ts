/** Which names of a registry are used by whom, and what stands in the way of switching it off. */
import type { DecommissionPlan, Usage } from "../bridge/decommission.ts";
import { type AdminHandler, type AdminRoute, sendJson } from "./server.ts";

export interface UsageQuestion {
  /** The prefix of a namer, such as `zk`, or its kind. */
  readonly source: string;
  /** How far back. */
  readonly sinceMs: number;
}

/** What the linker hands to the admin port. `undefined` where there is no such source. */
export interface UsageDesk {
  readonly sources: readonly string[];
  /** Counts what has been used until now. Never rejects. */
  look(): Promise<void>;
  usage(question: UsageQuestion): Promise<Usage | undefined>;
  plan(question: UsageQuestion): Promise<DecommissionPlan | undefined>;
}

const DAYS_30_MS = 30 * 86_400_000;

export function usageRoutes(desk: UsageDesk): readonly AdminRoute[] {
  const answering =
    (ask: (question: UsageQuestion) => Promise<object | undefined>): AdminHandler =>
    async ({ url }, response) => {
      const source = url.searchParams.get("source") ?? "";
      const sinceMs = Number(url.searchParams.get("sinceMs") ?? DAYS_30_MS);
      if (!Number.isFinite(sinceMs) || sinceMs < 0) {
        return sendJson(response, { error: "expected `sinceMs` to be milliseconds" }, 400);
      }
      const answer = await ask({ source, sinceMs });
      if (answer !== undefined) return sendJson(response, answer);
      sendJson(response, { error: `there is no source ${source}`, sources: desk.sources }, 404);
    };
  return [
    { method: "GET", path: "/api/usage", handle: answering((question) => desk.usage(question)) },
    { method: "GET", path: "/api/decommission", handle: answering((question) => desk.plan(question)) },
  ];
}
