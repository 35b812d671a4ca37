/** The choice among endpoints of equal weight. */
import type { Candidate } from "linkspan/plugin";

/** `pick` allocates nothing, and finds an open endpoint where there is one. */
export interface Choice {
  update(endpoints: readonly Candidate[]): void;
  /** `undefined` only for an empty set. */
  pick(now: number): Candidate | undefined;
}

export function countOpen(endpoints: readonly Candidate[]): number {
  let open = 0;
  for (let at = 0; at < endpoints.length; at++) if ((endpoints[at] as Candidate).status === "open") open++;
  return open;
}
