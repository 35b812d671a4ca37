/** Whether this daemon should get requests, and if not, why; for load balancers and Kubernetes. */
import type { NamerState } from "./state.ts";
import { type AdminHandler, type AdminRoute, sendText } from "./server.ts";

export interface ReadinessParts {
  namers(): readonly NamerState[];
  /** How long a source may go unconfirmed; `undefined`: for ever. */
  readonly maxStaleMs: number | undefined;
  /** Epoch ms. */
  now(): number;
}

export class Readiness {
  readonly #parts: ReadinessParts;
  #isDraining = false;

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** The daemon is about to end. */
  drain(): void {
    this.#isDraining = true;
  }

  /** A sentence each; none: it is ready. */
  reasons(): readonly string[] {
    const { namers, maxStaleMs, now } = this.#parts;
    const draining = this.#isDraining ? ["it is shutting down"] : [];
    if (maxStaleMs === undefined) return draining;
    const stale = namers().flatMap((namer) => {
      const trouble = troubleOf(namer);
      const ageMs = now() - (trouble?.since ?? now());
      if (trouble === undefined || ageMs <= maxStaleMs) return [];
      return [`${namer.prefix} has not been confirmed for ${Math.round(ageMs / 1000)} s: ${trouble.cause}`];
    });
    return [...draining, ...stale];
  }
}

interface Trouble {
  readonly since: number;
  readonly cause: string;
}

/**
 * When a source last confirmed anything. One name that it answers for confirms the source; of names that were never
 * answered for only the first failure is known, so they count only where there are no others.
 */
function troubleOf({ watches }: NamerState): Trouble | undefined {
  let stale: Trouble | undefined;
  let failed: Trouble | undefined;
  for (const { state, since, cause = "no answer" } of watches) {
    if (state === "ok" || state === "held") return undefined;
    if (since === undefined) continue;
    if (state === "stale" && (stale === undefined || since > stale.since)) stale = { since, cause };
    if (state === "failed" && (failed === undefined || since < failed.since)) failed = { since, cause };
  }
  return stale ?? failed;
}

/** `/ready` and `/admin/ready` say 503 with the reasons; `/live` only that somebody answers. */
export function readinessRoutes(readiness: Readiness): readonly AdminRoute[] {
  const ready: AdminHandler = (_, response) => {
    const reasons = readiness.reasons();
    if (reasons.length === 0) return sendText(response, 200, "ready\n");
    sendText(response, 503, reasons.map((reason) => `not ready: ${reason}\n`).join(""));
  };
  return [
    { method: "GET", path: "/ready", handle: ready },
    { method: "GET", path: "/admin/ready", handle: ready },
    { method: "GET", path: "/live", handle: (_, response) => sendText(response, 200, "live\n") },
    { method: "GET", path: "/admin/live", handle: (_, response) => sendText(response, 200, "live\n") },
  ];
}
