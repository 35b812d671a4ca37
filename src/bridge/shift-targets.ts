/** Follows both sides of every shift of this host that is not over. */
import type { BoundRoutes } from "../base/bound-routes.ts";
import type { Log } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { FollowedShift } from "./followed-shift.ts";
import { coversRouter } from "./shift-scope.ts";
import { isOver, type Shift } from "./shift.ts";
import type { ShiftedName, ShiftedRouter } from "./shifted-name.ts";
import type { Shifts } from "./shifts.ts";

export interface ShiftTargetsParts {
  readonly shifts: Shifts;
  /** Those that run; where they become others, call `renew`. */
  readonly routers: () => readonly ShiftedRouter[];
  /** What routes there are, looked at for shifts of a prefix alone. */
  readonly routes: () => Promise<readonly BoundRoutes[]>;
  /** Told when a side is another. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A name below a prefix is judged by itself from so long after its first request on. */
const LOOK_MS = 1_000;

/** Works from its construction until it is disposed. */
export class ShiftTargets implements Disposable {
  readonly #parts: ShiftTargetsParts;
  readonly #followed = new Map<string, FollowedShift>();
  readonly #listening: Disposable;
  #timer: Disposable | undefined;
  #isLooking = false;

  constructor(parts: ShiftTargetsParts) {
    this.#parts = parts;
    this.#listening = parts.shifts.listen(() => this.#follow());
    this.#follow();
  }

  /** None where the shift is over, or not of this host, or no router is as it says. */
  of({ plan: { name } }: Shift): readonly ShiftedName[] {
    return this.#followed.get(name)?.names ?? [];
  }

  renew(): void {
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    this.#followed.clear();
    this.#follow();
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    for (const followed of this.#followed.values()) followed[Symbol.dispose]();
    this.#followed.clear();
  }

  #follow(): void {
    const { shifts, routers, changed, log } = this.#parts;
    const wanted = new Map(
      shifts.all.filter((shift) => isWanted(shift) && shifts.covers(shift)).map((shift) => [shift.plan.name, shift]),
    );
    for (const [name, followed] of this.#followed) {
      if (wanted.get(name)?.run === followed.run) continue;
      followed[Symbol.dispose]();
      this.#followed.delete(name);
    }
    for (const [name, shift] of wanted) {
      if (this.#followed.has(name)) continue;
      const ours = routers().filter(({ label }) => coversRouter(shift.plan.scope, label));
      this.#followed.set(name, new FollowedShift(shift, { routers: ours, changed, log }));
    }
    this.#arm(0);
  }

  #arm(afterMs: number): void {
    if (this.#isLooking || this.#followed.size === 0) return;
    this.#isLooking = true;
    this.#timer = this.#parts.clock.timer(afterMs, () => {
      void this.#look().finally(() => {
        this.#isLooking = false;
        this.#arm(LOOK_MS);
      });
    });
  }

  async #look(): Promise<void> {
    const prefixes = [...this.#followed.values()].filter((each) => each.isPrefix);
    if (prefixes.length === 0) return;
    // A thread that does not answer now is asked again.
    const routes = await this.#parts.routes().catch(() => []);
    const followed = new Set(this.#followed.values());
    for (const each of prefixes) if (followed.has(each)) each.learn(routes);
  }
}

function isWanted({ stage }: Shift): boolean {
  return stage.state === "planned" || !isOver(stage);
}
