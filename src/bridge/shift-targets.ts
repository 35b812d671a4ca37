/** Follows both sides of every shift that is not over, on each router that it is about. */
import type { Log } from "../base/log.ts";
import type { State } from "../base/var.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import { Path } from "../naming/path.ts";
import { isOver, type Shift, type ShiftPlan, type Side } from "./shift.ts";
import { type Target, targetOf } from "./shift-target.ts";
import type { Shifts } from "./shifts.ts";

/** One router, as a shift needs it. */
export interface ShiftedRouter {
  readonly label: string;
  readonly interpreter: Interpreter;
}

export interface ShiftTargetsParts {
  readonly shifts: Shifts;
  /** Those that run; where they become others, call `renew`. */
  readonly routers: () => readonly ShiftedRouter[];
  /** Told when a side is another. */
  readonly changed: () => void;
  readonly log: Log;
}

export type Targets = Readonly<Record<Side, Target>>;

interface Followed extends Disposable {
  readonly run: number;
  /** By router. */
  readonly targets: Map<string, Record<Side, Target>>;
}

const unknown: Target = { ids: [], endpoints: 0, problem: "it is not known yet" };
const SIDES: readonly Side[] = ["from", "to"];

/** Works from its construction until it is disposed. */
export class ShiftTargets implements Disposable {
  readonly #parts: ShiftTargetsParts;
  readonly #followed = new Map<string, Followed>();
  readonly #listening: Disposable;

  constructor(parts: ShiftTargetsParts) {
    this.#parts = parts;
    this.#listening = parts.shifts.listen(() => this.#follow());
    this.#follow();
  }

  /** By router: what each side is there. Empty where the shift is over, or no router is as it says. */
  of({ plan: { name } }: Shift): ReadonlyMap<string, Targets> {
    return this.#followed.get(name)?.targets ?? new Map<string, Targets>();
  }

  renew(): void {
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    this.#followed.clear();
    this.#follow();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    this.#followed.clear();
  }

  #follow(): void {
    const wanted = new Map(this.#parts.shifts.all.filter(isWanted).map((shift) => [shift.plan.name, shift]));
    for (const [name, followed] of this.#followed) {
      if (wanted.get(name)?.run === followed.run) continue;
      followed[Symbol.dispose]();
      this.#followed.delete(name);
    }
    for (const [name, { plan, run }] of wanted) {
      if (!this.#followed.has(name)) this.#followed.set(name, this.#open(plan, run));
    }
  }

  #open(plan: ShiftPlan, run: number): Followed {
    const targets = new Map<string, Record<Side, Target>>();
    const subscriptions: Disposable[] = [];
    for (const { label, interpreter } of this.#parts.routers()) {
      if (plan.router !== undefined && plan.router !== label) continue;
      const sides: Record<Side, Target> = { from: unknown, to: unknown };
      targets.set(label, sides);
      for (const side of SIDES) {
        const target = targetOf(interpreter.bind(Dtab.empty, Path.read(plan[side])));
        const hear = (state: State<Target>): void => {
          const before = sides[side];
          sides[side] = state.tag === "ok" ? state.value : unknown;
          this.#tell(plan, label, side, before, sides[side]);
          this.#parts.changed();
        };
        subscriptions.push(target.observe(hear));
      }
    }
    return { run, targets, [Symbol.dispose]: () => subscriptions.forEach((each) => each[Symbol.dispose]()) };
  }

  #tell(plan: ShiftPlan, router: string, side: Side, before: Target, { problem }: Target): void {
    if (problem === undefined || problem === before.problem || problem === unknown.problem) return;
    this.#parts.log.warn("shift.unusable", { shift: plan.name, router, side, name: plan[side], cause: problem });
  }
}

function isWanted({ stage }: Shift): boolean {
  return stage.state === "planned" || !isOver(stage);
}
