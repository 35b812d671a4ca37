/** What a worker and the control thread say to each other of active health checks. */
import type { HealthReport, HealthSubject } from "../base/health.ts";

export type Place = readonly [host: string, port: number];

/** From a worker. Numbers are its own, never used twice. */
export type HealthRequest =
  /** Everything that was asked for is not; what is wanted follows. */
  | { readonly type: "reset" }
  /** Again for the same number: these are its endpoints from now on. */
  | {
      readonly type: "watch";
      readonly id: number;
      readonly subject: HealthSubject;
      readonly endpoints: readonly Place[];
    }
  | { readonly type: "unwatch"; readonly id: number }
  | { readonly type: "ack"; readonly batch: number };

/** At most one is on its way to a worker; the next one leaves when this one was acknowledged. */
export interface HealthBatch {
  readonly batch: number;
  readonly reports: readonly (readonly [id: number, report: HealthReport])[];
}
