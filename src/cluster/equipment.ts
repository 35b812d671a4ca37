/** What an endpoint takes to be called: accrual, reachability and connections. */
import type { Clock, Random } from "../base/time.ts";
import type { AccrualPolicyFactory } from "./accrual-policy.ts";
import { Accrual } from "./accrual.ts";
import { Pool, type PoolContext, type PoolHost, type PoolOptions } from "./pool.ts";
import { Reachability } from "./reachability.ts";

export interface EquipmentOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: PoolOptions;
  readonly poolContext: PoolContext;
  readonly accrual: AccrualPolicyFactory;
  /** So many connects must fail in a row to make an endpoint busy; `Infinity`: failed connects are accrual's. */
  readonly connectFailuresToBusy: number;
}

/** Made at an endpoint's first request: most of a large registry's are never called, and go without it. */
export class Equipment {
  readonly accrual: Accrual;
  readonly reachability: Reachability;
  readonly pool: Pool;

  /** `bornAt` is when the endpoint came; `changed` is called when `isBusy` may be another. */
  constructor(options: EquipmentOptions, bornAt: number, host: PoolHost, changed: () => void) {
    const { clock, random, connectFailuresToBusy: failuresToBusy } = options;
    const probe = (): void => this.pool.probe();
    this.accrual = new Accrual(options.accrual.create(bornAt), clock, changed);
    this.pool = new Pool(options.pool, options.poolContext, host);
    this.reachability = new Reachability({ clock, random, failuresToBusy, probe, changed });
  }

  get isBusy(): boolean {
    return this.reachability.status === "busy" || this.accrual.status === "busy";
  }

  /** Nothing is judged or probed any more; connections stay until the pool is closed. */
  retire(): void {
    this.accrual[Symbol.dispose]();
    this.reachability[Symbol.dispose]();
  }
}
