/** Where the entries of one member stand, and what keeps them alive: at an agent, or on a node of their own. */
import type { EntryOutcome, Var } from "linkspan/plugin";
import type { Entry } from "./announced-entry.ts";
import type { Registered } from "./registered.ts";

/** One a member. What was put is kept true until it is taken away or left. */
export interface Registrar extends AsyncDisposable {
  /** The number of leases so far; stale while the registry does not answer. */
  readonly lease: Var<number>;
  /** What node entries of this member are on. */
  node(signal: AbortSignal): Promise<string>;
  /** Everything that is registered as `service`, by whomever. */
  read(service: string, signal: AbortSignal): Promise<readonly Registered[]>;
  /** Whether it is put, and stands as it should: as `before`. */
  keeps(entry: Entry, before: Registered): boolean;
  /** One outcome for each, in their order. Entries of others have been told apart before. */
  put(entries: readonly Entry[], signal: AbortSignal): Promise<readonly EntryOutcome[]>;
  remove(entries: readonly Registered[], signal: AbortSignal): Promise<readonly EntryOutcome[]>;
  /** Keeps entries of `service` true no longer, and touches none. */
  leave(service: string): void;
  /** Takes away all that is kept of `service`. */
  clear(service: string, signal: AbortSignal): Promise<void>;
}
