/** What both sides of one shift are, on each router that it is about: of its name, or of each name below a prefix. */
import type { BoundRoutes } from "../base/bound-routes.ts";
import type { Log } from "../base/log.ts";
import type { State } from "../base/var.ts";
import { Dtab } from "../naming/dtab.ts";
import { Path } from "../naming/path.ts";
import { type Target, targetOf } from "./shift-target.ts";
import type { Shift, ShiftPlan, Side } from "./shift.ts";
import type { ShiftedName, ShiftedRouter } from "./shifted-name.ts";

export interface FollowedShiftParts {
  /** Those that it is about. */
  readonly routers: readonly ShiftedRouter[];
  /** Told when a side is another. */
  readonly changed: () => void;
  readonly log: Log;
}

/** Of a prefix: those that come later are shifted, and not judged by themselves. */
export const MOST_NAMES = 500;

const unknown: Target = { ids: [], addresses: new Set(), problem: "it is not known yet" };
const SIDES: readonly Side[] = ["from", "to"];

interface Followed {
  readonly router: string;
  readonly name: string;
  readonly targets: Record<Side, Target>;
  /** What the log has been told of each side. */
  readonly told: Partial<Record<Side, string | undefined>>;
}

/** Works from its construction until it is disposed. */
export class FollowedShift implements Disposable {
  readonly run: number;
  readonly #plan: ShiftPlan;
  readonly #path: Path;
  readonly #parts: FollowedShiftParts;
  readonly #open = new DisposableStack();
  readonly #heads: readonly Followed[];
  readonly #below = new Map<string, Followed>();

  constructor({ plan, run }: Shift, parts: FollowedShiftParts) {
    this.run = run;
    this.#plan = plan;
    this.#path = Path.read(plan.path);
    this.#parts = parts;
    this.#heads = parts.routers.map((router) => this.#follow(router, this.#path));
  }

  /** Whether it is about names below its path, and not about one that is bound itself. */
  get isPrefix(): boolean {
    return (
      this.#heads.length > 0 && this.#heads.every(({ targets }) => SIDES.every((side) => isNothing(targets[side])))
    );
  }

  get names(): readonly ShiftedName[] {
    return this.isPrefix && this.#below.size > 0 ? [...this.#below.values()] : this.#heads;
  }

  /** Takes in what is in use below a prefix. */
  learn(all: readonly BoundRoutes[]): void {
    if (!this.isPrefix) return;
    for (const { label, routes } of all) {
      const router = this.#parts.routers.find((each) => each.label === label);
      if (router === undefined) continue;
      for (const { name } of routes) {
        const key = `${label} ${name}`;
        if (this.#below.size >= MOST_NAMES) return;
        const path = Path.read(name);
        if (this.#below.has(key) || path.size <= this.#path.size || !path.startsWith(this.#path)) continue;
        this.#below.set(key, this.#follow(router, path));
      }
    }
  }

  [Symbol.dispose](): void {
    this.#open.dispose();
  }

  #follow({ label, interpreter }: ShiftedRouter, name: Path): Followed {
    const followed: Followed = { router: label, name: name.show, targets: { from: unknown, to: unknown }, told: {} };
    const rest = name.drop(this.#path.size);
    for (const side of SIDES) {
      const path = Path.read(this.#plan[side]).concat(rest);
      const hear = (state: State<Target>): void => {
        followed.targets[side] = state.tag === "ok" ? state.value : unknown;
        this.#tell(followed);
        this.#parts.changed();
      };
      this.#open.use(targetOf(interpreter.bind(Dtab.empty, path)).observe(hear));
    }
    return followed;
  }

  /** Of a prefix itself it is no news that it is no name. */
  #tell({ router, name, targets, told }: Followed): void {
    if (SIDES.every((side) => targets[side].ids.length === 0)) return;
    for (const side of SIDES) {
      const { problem } = targets[side];
      if (problem === told[side] || problem === unknown.problem) continue;
      told[side] = problem;
      if (problem === undefined) continue;
      this.#parts.log.warn("shift.unusable", { shift: this.#plan.name, router, side, name, cause: problem });
    }
  }
}

const isNothing = ({ ids, problem }: Target): boolean => ids.length === 0 && problem !== unknown.problem;
