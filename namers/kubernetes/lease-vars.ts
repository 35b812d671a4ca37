/** What a claim to a Lease shows: to announcements, whether their entries count as alive; to elections, who leads. */
import { type Clock, failed, ok, type State, Var } from "linkspan/plugin";
import type { LeaseCandidate } from "./lease-candidate.ts";

/** How often the lease was taken; stale while it is not held. Whoever observes it claims it. */
export function leaseVar(candidate: LeaseCandidate, clock: Clock): Var<number> {
  return shown(
    candidate,
    clock,
    (a, b) => a === b,
    (set) => {
      set(ok(candidate.terms));
      if (!candidate.leads || candidate.trouble) set(failed(new Error(candidate.obstacle)));
    },
  );
}

export interface Leadership {
  readonly leads: boolean;
  readonly leader?: string;
}

/** Stale while nobody answers. */
export function leadershipVar(candidate: LeaseCandidate, clock: Clock): Var<Leadership> {
  const isSame = (a: Leadership, b: Leadership): boolean => a.leads === b.leads && a.leader === b.leader;
  return shown(candidate, clock, isSame, (set) => {
    const { leads, leader, trouble } = candidate;
    if (candidate.isAsked) set(ok({ leads, ...(leader === undefined ? {} : { leader }) }));
    if (trouble) set(failed(trouble));
  });
}

function shown<T>(
  candidate: LeaseCandidate,
  clock: Clock,
  equals: (a: T, b: T) => boolean,
  show: (set: (state: State<T>) => void) => void,
): Var<T> {
  return Var.source<T>(
    (set) => {
      const listening = candidate.listen(() => show(set));
      if (candidate.isAsked || candidate.trouble) show(set);
      void candidate.enter();
      return listening;
    },
    { clock, equals },
  );
}
