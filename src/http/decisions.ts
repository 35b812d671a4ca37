/** What was decided about an exchange beside its first attempt, for whoever asks why it ended as it did. */
import type { Decision } from "../base/request-record.ts";
import type { Exchange } from "./exchange.ts";

/** Of one exchange: 25 requeues, and some of everything else. */
const MOST = 40;

/** Called only where something went wrong, so that an exchange whose first attempt was its last keeps nothing. */
export function note(x: Exchange, slot: number, decision: Decision): void {
  const noted = x.values[slot] as Decision[] | undefined;
  if (noted === undefined) x.values[slot] = [decision];
  else if (noted.length < MOST) noted.push(decision);
}

/** Of the attempt that the exchange is at: the endpoint that it was sent to, if there was one, is noted too. */
export function noteAttempt(
  x: Exchange,
  slots: { readonly decisions: number; readonly endpoint: number },
  decision: Omit<Decision, "endpoint">,
): void {
  const endpoint = x.values[slots.endpoint] as { readonly key: string } | undefined;
  note(x, slots.decisions, endpoint === undefined ? decision : { ...decision, endpoint: endpoint.key });
}

/** How the attempt ended that the exchange is at: its status, or the code of its failure. */
export function endOf(x: Exchange): string {
  return x.failure?.code ?? String(x.response.status);
}
