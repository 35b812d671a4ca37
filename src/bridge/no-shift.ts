/** What is answered to a name that is no shift's. */
import { nearest } from "../config/nearest.ts";
import type { Ordered } from "./shift-orders.ts";
import type { Shift } from "./shift.ts";

/** Of a name, or of a logical one, with what was probably meant. */
export function noShift(name: string, all: readonly Pick<Shift, "plan">[]): Extract<Ordered, { tag: "refused" }> {
  const isPath = name.startsWith("/");
  const meant = nearest(
    name,
    all.map(({ plan }) => (isPath ? plan.path : plan.name)),
  );
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  return { tag: "refused", why: `there is no shift ${isPath ? "of " : ""}${name}${hint}` };
}
