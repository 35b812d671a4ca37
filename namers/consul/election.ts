/** Who of a group leads, by a lock in Consul's KV store that a session holds. */
import type { Clock, Election, Owner, Var } from "linkspan/plugin";
import { SessionLease } from "./session-lease.ts";
import { Told } from "./told.ts";
import type { WriteCalls } from "./write-calls.ts";

/** The least that Consul takes. Servers may take twice as long until they hold a session for gone. */
const TTL_SECONDS = 10;
/**
 * A lock whose session ended otherwise than by our own word is nobody's for so long. Who leads stops when no renewal
 * has gone well for less than that, and less than the TTL: so no two lead, whoever ends a session, and however.
 */
const LOCK_DELAY_SECONDS = 10;
const FENCE_MS = 8_000;
const EVERY_MS = 1_500;

export interface ConsulElectionOptions {
  readonly calls: WriteCalls;
  readonly owner: Owner;
  readonly clock: Clock;
  readonly limits?: ElectionLimits;
  readonly closed: () => void;
}

export interface ElectionLimits {
  readonly lockDelaySeconds?: number;
  /** Less than the delay of the lock. */
  readonly fenceMs?: number;
  readonly everyMs?: number;
}

interface Place {
  readonly leads: boolean;
  readonly leader?: string;
}

export class ConsulElection implements Election {
  readonly state: Var<Place>;
  readonly #options: ConsulElectionOptions;
  readonly #told: Told<Place>;
  readonly #key: string;
  readonly #lease: SessionLease;
  #fence: Disposable | undefined;
  #end: Promise<void> | undefined;

  /** Begins at once. */
  constructor(options: ConsulElectionOptions) {
    const { calls, owner, clock, limits = {} } = options;
    this.#options = options;
    this.#told = new Told(clock, (a, b) => a.leads === b.leads && a.leader === b.leader);
    this.state = this.#told.state;
    this.#key = `linkspan/leader/${encodeURIComponent(owner.group)}`;
    this.#lease = new SessionLease({
      calls,
      name: `linkspan election ${owner.group} ${owner.member}`,
      ttlSeconds: TTL_SECONDS,
      lockDelaySeconds: limits.lockDelaySeconds ?? LOCK_DELAY_SECONDS,
      everyMs: limits.everyMs ?? EVERY_MS,
      clock,
      renewed: (session, askedAt, isNew, signal) => this.#renewed(session, askedAt, isNew, signal),
      failed: (cause) => this.#told.fail(cause),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= this.#resign();
    return this.#end;
  }

  async #renewed(session: string, askedAt: number, isNew: boolean, signal: AbortSignal): Promise<void> {
    const { calls, owner } = this.#options;
    // The session that it led by is gone.
    if (isNew && this.#fence) this.#follow(undefined);
    const leads = await calls.lock(this.#key, session, owner.member, signal);
    if (leads) this.#lead(askedAt);
    else this.#follow(await calls.holder(this.#key, signal));
  }

  #lead(askedAt: number): void {
    const { owner, clock, limits = {} } = this.#options;
    const left = askedAt + (limits.fenceMs ?? FENCE_MS) - clock.now();
    if (left <= 0) return this.#follow(undefined);
    this.#fence?.[Symbol.dispose]();
    this.#fence = clock.timer(left, () => {
      this.#follow(undefined);
      this.#told.fail(new Error(`${this.#options.calls.shown} did not confirm in time that this member leads`));
    });
    this.#told.tell({ leads: true, leader: owner.member });
  }

  #follow(leader: string | undefined): void {
    this.#fence?.[Symbol.dispose]();
    this.#fence = undefined;
    this.#told.tell({ leads: false, ...(leader === undefined ? {} : { leader }) });
  }

  /** Gives the lock back itself: only then may the next one take it at once. */
  async #resign(): Promise<void> {
    const { calls, closed } = this.#options;
    const session = this.#lease.current;
    const led = this.#fence !== undefined;
    await this.#lease[Symbol.asyncDispose]();
    this.#follow(undefined);
    const { signal } = new AbortController();
    if (session !== undefined) {
      const unlocked = led ? calls.unlock(this.#key, session, signal) : Promise.resolve();
      await unlocked.then(() => calls.endSession(session, signal)).catch(() => undefined);
    }
    closed();
  }
}
