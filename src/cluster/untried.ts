/** Finds an exchange that is sent again another endpoint than those that it was at. */
import type { Random } from "../base/time.ts";
import type { Endpoint } from "./endpoint.ts";

/** How often an endpoint is drawn again that the exchange has tried, before an untried one is looked for. */
const REDRAWS = 3;

/** `drawn` itself where no other is open; where none is, one that takes connections, as far as is known. */
export function untried(
  tried: readonly Endpoint[],
  drawn: Endpoint,
  draw: () => Endpoint,
  all: readonly Endpoint[],
  random: Random,
): Endpoint {
  let picked = drawn;
  for (let draws = 0; tried.includes(picked) && draws < REDRAWS; draws++) picked = draw();
  if (!tried.includes(picked) && (picked.status === "open" || !picked.lost)) return picked;
  const from = Math.floor(random.next() * all.length);
  let isOneOpen = false;
  let reachable: Endpoint | undefined;
  let wasTried = false;
  for (let step = 0; step < all.length; step++) {
    const other = all[(from + step) % all.length] as Endpoint;
    const isTried = tried.includes(other);
    if (other.status === "open" && !isTried) return other;
    isOneOpen ||= other.status === "open";
    if (!other.lost && (reachable === undefined || (wasTried && !isTried))) [reachable, wasTried] = [other, isTried];
  }
  return isOneOpen ? drawn : (reachable ?? drawn);
}
