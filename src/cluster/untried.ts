/** Finds an exchange that is sent again another endpoint than those that it was at. */
import type { Random } from "../base/time.ts";
import type { Endpoint } from "./endpoint.ts";

/** How often an endpoint is drawn again that the exchange has tried, before an untried one is looked for. */
const REDRAWS = 3;

/** `drawn` itself where no other is open. */
export function untried(
  tried: readonly Endpoint[],
  drawn: Endpoint,
  draw: () => Endpoint,
  all: readonly Endpoint[],
  random: Random,
): Endpoint {
  let picked = drawn;
  for (let draws = 0; tried.includes(picked) && draws < REDRAWS; draws++) picked = draw();
  if (!tried.includes(picked)) return picked;
  const from = Math.floor(random.next() * all.length);
  for (let step = 0; step < all.length; step++) {
    const other = all[(from + step) % all.length] as Endpoint;
    if (other.status === "open" && !tried.includes(other)) return other;
  }
  return drawn;
}
