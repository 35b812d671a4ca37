/** The choice among endpoints of equal weight. */
import type { Candidate, Load } from "linkspan/plugin";

/** `pick` allocates nothing, and finds an open endpoint where there is one. */
export interface Choice {
  update(endpoints: readonly Candidate[]): void;
  /** `undefined` only for an empty set. */
  pick(now: number): Candidate | undefined;
  /** Who may be chosen now, where not all may. */
  inside?(): ReadonlySet<Candidate>;
  /** `load` was made for an endpoint of the set, which it will be the load of. */
  joined?(load: Load, endpoint: Candidate): void;
}
