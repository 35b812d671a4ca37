/** Where people and programs order shifts and see them: behind the admin port. */
import type { Clock } from "../base/time.ts";
import type { ShiftDriver } from "./shift-driver.ts";
import type { Order, Ordered } from "./shift-orders.ts";
import type { StoreView } from "./shift-records.ts";
import type { OtherCaller } from "./shift-side-status.ts";
import { type ShiftStatus, statusOf } from "./shift-status.ts";
import { noShift } from "./no-shift.ts";
import type { ShiftChecks } from "./shift-checks.ts";
import type { ShiftedName } from "./shifted-name.ts";
import type { ShiftTargets } from "./shift-targets.ts";
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
  readonly others: () => (shift: Shift, names: readonly ShiftedName[]) => Promise<readonly OtherCaller[]>;
  readonly checks: ShiftChecks;
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

  /** Rejects where the store cannot be asked. `isForced`: whatever a look at both sides says. */
  async begin(plan: ShiftPlan, verb: "plan" | "start", by: Orderer, isForced = false): Promise<Ordered> {
    const why = verb === "plan" || isForced ? undefined : await this.#whyNotBegin(plan);
    return why === undefined ? this.#parts.shifts.begin(plan, verb, this.#dated(by)) : { tag: "refused", why };
  }

  /** `name` is that of a shift, or a logical one. Rejects where the store cannot be asked; a rollback never does. */
  async order(name: string, verb: Exclude<Verb, "plan" | "start">, by: Orderer, isForced = false): Promise<Ordered> {
    const { shifts } = this.#parts;
    const [found, another] = shifts.all.filter(({ plan, stage }) =>
      name.startsWith("/") ? plan.path === name && !isPast(stage) : plan.name === name,
    );
    if (found === undefined) return noShift(name, shifts.all);
    if (another !== undefined) return refused(`${found.plan.name} and ${another.plan.name} shift ${name}: say which`);
    const why = isForced ? undefined : await this.#whyNot(found, verb);
    if (why !== undefined) return { ...refused(why), shift: found };
    return shifts.order(found.plan.name, verb, this.#dated(by));
  }

  /** Where it would move callers somewhere that nobody has in mind. */
  async #whyNot(shift: Shift, verb: Verb): Promise<string | undefined> {
    if (verb === "resume" && shift.stage.state === "planned") return this.#whyNotBegin(shift.plan);
    const { shifts, checks } = this.#parts;
    return verb === "ack" && shifts.covers(shift) ? checks.whyNotAcknowledge(shift) : undefined;
  }

  /** What another host's routers know cannot be told here. */
  async #whyNotBegin(plan: ShiftPlan): Promise<string | undefined> {
    const { shifts, checks } = this.#parts;
    return shifts.covers({ plan }) ? checks.whyNotBegin(plan) : undefined;
  }

  async #statusOf(shift: Shift, othersOf: ReturnType<ShiftDeskParts["others"]>): Promise<ShiftStatus> {
    const { shifts, driver, targets: all } = this.#parts;
    const names = all.of(shift);
    return statusOf({
      shift,
      weights: shifts.weights(shift),
      override: shifts.overrides.get(shift.plan.name),
      isOwed: shifts.store.owed.includes(shift.plan.name),
      driven: driver.view(shift),
      names,
      isHere: shifts.covers(shift),
      host: shifts.host.name,
      others: await othersOf(shift, names),
    });
  }

  #dated({ who, why }: Orderer): Order {
    return { who, why, at: this.#parts.clock.wall() };
  }
}

const isPast = (stage: Stage): boolean => "acknowledged" in stage && stage.acknowledged;
const refused = (why: string) => ({ tag: "refused", why }) as const;
