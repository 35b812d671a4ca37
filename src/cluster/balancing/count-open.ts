/** How many of them are open. */
import type { Candidate } from "../balancer.ts";

export function countOpen(endpoints: readonly Candidate[]): number {
  let open = 0;
  for (let at = 0; at < endpoints.length; at++) if ((endpoints[at] as Candidate).status === "open") open++;
  return open;
}
