/** Judges one side of a shift by the other: good enough, worse than may be, or not to be told yet. */
import type { ShiftGuard } from "./shift.ts";
import { requestsOf, type Tallies, type Tally } from "./shift-samples.ts";

/** `why` is for people: what is waited for, or what was measured. */
export type Verdict =
  | { readonly tag: "good" }
  | { readonly tag: "wait"; readonly why: string }
  | { readonly tag: "breach"; readonly why: string };

/** Fewer failures than that prove nothing, however many of the requests they are. */
const LEAST_FAILURES = 5;
/** So many slow ones at least: a stall of the host makes a few, one after another. */
const LEAST_SLOW = 10;
/** A difference is sure when chance makes one as large in 30,000 looks once: it is looked at twice a second. */
const SURE = 4;
/** Two percentiles that are nearer to each other are alike: a bucket of the histogram, and the jitter of a host. */
const SAME_MS = 1;

/**
 * A breach needs no minimum of requests, but a difference that is no chance. Whatever is over a limit without being sure
 * is waited for, so that what is good has been below every limit.
 */
export function judge(guard: ShiftGuard, sides: Tallies): Verdict {
  const breach = failsMore(guard, sides) ?? isSlower(guard, sides);
  if (breach !== undefined) return { tag: "breach", why: breach };
  const few = (["from", "to"] as const).find((side) => requestsOf(sides[side]) < guard.minRequests);
  if (few !== undefined) {
    return { tag: "wait", why: `\`${few}\` has answered ${requestsOf(sides[few])} of ${guard.minRequests} requests` };
  }
  const unsure = overSuccess(guard, sides) ?? overTime(guard, sides);
  return unsure === undefined ? { tag: "good" } : { tag: "wait", why: `it cannot be told yet: ${unsure}` };
}

function failsMore(guard: ShiftGuard, sides: Tallies): string | undefined {
  const over = overSuccess(guard, sides);
  if (over === undefined || sides.to.failures < LEAST_FAILURES) return undefined;
  const [from, to] = [sides.from, sides.to];
  const [many, few] = [requestsOf(from), requestsOf(to)];
  const common = (from.failures + to.failures) / (many + few);
  const deviation = Math.sqrt(common * (1 - common) * (1 / many + 1 / few));
  return (failureShare(to) - failureShare(from)) / deviation > SURE ? over : undefined;
}

/** The sentence of a success rate that is over the limit, sure or not. Nothing where a side was not asked. */
function overSuccess({ successDelta }: ShiftGuard, { from, to }: Tallies): string | undefined {
  if (requestsOf(from) === 0 || requestsOf(to) === 0) return undefined;
  if (failureShare(to) - failureShare(from) <= successDelta) return undefined;
  return `${percent(1 - failureShare(to))} of ${requestsOf(to)} requests to \`to\` succeeded, ${percent(1 - failureShare(from))} of ${requestsOf(from)} to \`from\``;
}

/** One in a hundred takes longer than the 99th percentile: of `to`, more than chance has take longer than it may. */
function isSlower(guard: ShiftGuard, sides: Tallies): string | undefined {
  const over = overTime(guard, sides);
  const { from, to } = sides;
  if (over === undefined || Math.min(from.times.count, to.times.count) < guard.minRequests) return undefined;
  const limit = Math.max(from.times.percentile(0.99) * guard.p99Ratio, from.times.percentile(0.99) + SAME_MS);
  const slow = to.times.count - (to.times.cumulative([limit])[0] ?? 0);
  const expected = to.times.count / 100;
  return slow >= LEAST_SLOW && slow > expected + SURE * Math.sqrt(expected) ? over : undefined;
}

function overTime({ p99Ratio }: ShiftGuard, { from, to }: Tallies): string | undefined {
  if (from.times.count === 0 || to.times.count === 0) return undefined;
  const [left, right] = [from.times.percentile(0.99), to.times.percentile(0.99)];
  if (right <= left * p99Ratio || right <= left + SAME_MS) return undefined;
  return `the 99th percentile of \`to\` is ${milliseconds(right)}, of \`from\` ${milliseconds(left)}`;
}

const failureShare = (tally: Tally): number => tally.failures / requestsOf(tally);
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
