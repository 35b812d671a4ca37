/** Where people and programs order shifts and see them: behind the admin port. */
import type { Clock } from "../base/time.ts";
import type { ShiftDriver } from "./shift-driver.ts";
import type { Order, Ordered } from "./shift-orders.ts";
import type { StoreView } from "./shift-records.ts";
import { type OtherCaller, type ShiftStatus, statusOf } from "./shift-status.ts";
import type { Targets, ShiftTargets } from "./shift-targets.ts";
import type { Shift, ShiftPlan, Stage, Verb } from "./shift.ts";
import type { Shifts } from "./shifts.ts";

export interface ShiftsView {
  /** Epoch ms. */
  readonly at: number;
  readonly store: StoreView;
  /** Why the override file of this host is not in force as it is written. */
  readonly overrideProblem?: string;
  readonly shifts: readonly ShiftStatus[];
}

/** What is seen where there is no store. */
export interface NoShifts {
  readonly shifts: readonly [];
  readonly problem: string;
}

export interface ShiftDeskParts {
  readonly shifts: Shifts;
  readonly driver: ShiftDriver;
  readonly targets: ShiftTargets;
  /** Looks at what there is now, for any number of shifts: logical names beside a shift's own that lead to its clusters. */
  readonly others: () => (shift: Shift, targets: ReadonlyMap<string, Targets>) => Promise<readonly OtherCaller[]>;
  readonly overrideProblem: () => string | undefined;
  readonly clock: Clock;
}

/** What a person or a program says of itself. */
export type Orderer = Pick<Order, "who" | "why">;

export class ShiftDesk {
  readonly #parts: ShiftDeskParts;

  constructor(parts: ShiftDeskParts) {
    this.#parts = parts;
  }

  async view(): Promise<ShiftsView> {
    const { shifts, clock, overrideProblem, others } = this.#parts;
    const othersOf = others();
    const problem = overrideProblem();
    return {
      at: clock.wall(),
      store: shifts.store,
      ...(problem === undefined ? {} : { overrideProblem: problem }),
      shifts: await Promise.all(shifts.all.map((shift) => this.#statusOf(shift, othersOf))),
    };
  }

  /** Rejects where the store cannot be asked. */
  begin(plan: ShiftPlan, verb: "plan" | "start", by: Orderer): Promise<Ordered> {
    return this.#parts.shifts.begin(plan, verb, this.#dated(by));
  }

  /** `name` is that of a shift, or a logical one. Rejects where the store cannot be asked; a rollback never does. */
  order(name: string, verb: Exclude<Verb, "plan" | "start">, by: Orderer): Promise<Ordered> {
    const { shifts } = this.#parts;
    if (!name.startsWith("/")) return shifts.order(name, verb, this.#dated(by));
    const [found, another] = shifts.all.filter(({ plan, stage }) => plan.path === name && !isPast(stage));
    if (found === undefined) return refused(`there is no shift of ${name}`);
    if (another === undefined) return shifts.order(found.plan.name, verb, this.#dated(by));
    return refused(`${found.plan.name} and ${another.plan.name} shift ${name}: say which`);
  }

  async #statusOf(shift: Shift, othersOf: ReturnType<ShiftDeskParts["others"]>): Promise<ShiftStatus> {
    const { shifts, driver, targets: all } = this.#parts;
    const targets = all.of(shift);
    return statusOf({
      shift,
      weights: shifts.weights(shift),
      override: shifts.overrides.get(shift.plan.name),
      isOwed: shifts.store.owed.includes(shift.plan.name),
      driven: driver.view(shift),
      targets,
      others: await othersOf(shift, targets),
    });
  }

  #dated({ who, why }: Orderer): Order {
    return { who, why, at: this.#parts.clock.wall() };
  }
}

const isPast = (stage: Stage): boolean => "acknowledged" in stage && stage.acknowledged;
const refused = async (why: string): Promise<Ordered> => ({ tag: "refused", why });
