/** What was decided about an exchange beside its first attempt, for whoever asks why it ended as it did. */
import type { Exchange } from "./exchange.ts";

/** `again`: another attempt follows the one that ended so; `end`: none does, and why; `beside`: one more runs beside it. */
export type DecisionKind = "again" | "end" | "beside" | "waited";

export interface Decision {
  /** Monotonic ms. */
  readonly at: number;
  readonly kind: DecisionKind;
  /** Who decided: `retry`, `requeue`, `rebind`, `hedge`, `limit`. */
  readonly by: string;
  /** A status, a failure's code, or what was not there: `budget`, `limit`, `time`, `body`, `not open`. */
  readonly because: string;
  /** `host:port` of the attempt that it is about. */
  readonly endpoint?: string;
  /** How long is, or was, waited. */
  readonly ms?: number;
}

/** Of one exchange: 25 requeues, and some of everything else. */
const MOST = 40;

/** Called only where something went wrong, so that an exchange whose first attempt was its last keeps nothing. */
export function note(x: Exchange, slot: number, decision: Decision): void {
  const noted = x.values[slot] as Decision[] | undefined;
  if (noted === undefined) x.values[slot] = [decision];
  else if (noted.length < MOST) noted.push(decision);
}

/** How the attempt ended that the exchange is at: its status, or the code of its failure. */
export function endOf(x: Exchange): string {
  return x.failure?.code ?? String(x.response.status);
}
