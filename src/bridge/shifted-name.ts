/** One logical name of a shift on one router: what each of its sides is there. */
import type { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import type { Target } from "./shift-target.ts";
import type { Side } from "./shift.ts";

/** One router, as a shift needs it. */
export interface ShiftedRouter {
  readonly label: string;
  readonly interpreter: Interpreter;
  /** Its own, without what lies over it. */
  readonly dtab: Dtab;
}

export type Targets = Readonly<Record<Side, Target>>;

/** One logical name of a shift on one router. */
export interface ShiftedName {
  readonly router: string;
  readonly name: string;
  readonly targets: Targets;
}

/** What is on both sides: clusters, whose answers are no side's own, and addresses. */
export function onBothSides({ from, to }: Targets): {
  readonly ids: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
} {
  return { ids: new Set(from.ids).intersection(new Set(to.ids)), addresses: from.addresses.intersection(to.addresses) };
}
