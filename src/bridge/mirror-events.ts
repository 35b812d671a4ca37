/** How a mirror is told of in the log: what happens to thousands of targets at once in a few lines. */
import { BurstLog } from "../base/burst-log.ts";
import type { Log, LogFields } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { Desired } from "./desired-entries.ts";

export class MirrorEvents {
  readonly #log: Log;
  readonly #conflict: BurstLog;
  readonly #deleted: BurstLog;
  readonly #failed: BurstLog;
  readonly #held: BurstLog;
  readonly #recovered: BurstLog;
  readonly #refused: BurstLog;
  readonly #repaired: BurstLog;
  readonly #unreachable: BurstLog;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#conflict = new BurstLog(log, clock, "warn", "mirror.conflict");
    this.#deleted = new BurstLog(log, clock, "info", "mirror.deleted");
    this.#failed = new BurstLog(log, clock, "warn", "mirror.failed");
    this.#held = new BurstLog(log, clock, "warn", "mirror.held");
    this.#recovered = new BurstLog(log, clock, "info", "mirror.recovered");
    this.#refused = new BurstLog(log, clock, "warn", "mirror.refused");
    this.#repaired = new BurstLog(log, clock, "info", "mirror.repaired");
    this.#unreachable = new BurstLog(log, clock, "warn", "mirror.unreachable");
  }

  leads(member: string): void {
    this.#log.info("mirror.leading", { member });
  }

  leadsNoMore(member: string): void {
    this.#log.info("mirror.followed", { member });
  }

  wrote(fields: LogFields): void {
    this.#log.debug("mirror.wrote", fields);
  }

  /** An entry went because it was absent for long enough. */
  deleted(fields: LogFields): void {
    this.#deleted.happened(fields);
  }

  /** Entries of a target wait for their turn, or for an approval. */
  held(fields: LogFields): void {
    this.#held.happened(fields);
  }

  conflict(fields: LogFields): void {
    this.#conflict.happened(fields);
  }

  /** Tells what is new of what cannot be published. */
  compared(target: string, before: Desired, { refusal, leftOut, forced }: Desired): void {
    if (refusal !== undefined && refusal !== before.refusal) this.refused({ target, cause: refusal });
    const known = new Set([...before.leftOut, ...before.forced].map(({ id, why }) => `${why} ${id}`));
    for (const { id, why, cause } of [...leftOut, ...forced]) {
      if (known.has(`${why} ${id}`)) continue;
      if (why === "unreachable") this.#unreachable.happened({ target, id, cause });
      if (why === "conflict") this.conflict({ target, id, cause });
    }
  }

  /** What another took away or changed is put again. */
  repaired(fields: LogFields): void {
    this.#repaired.happened(fields);
  }

  refused(fields: LogFields): void {
    this.#refused.happened(fields);
  }

  failed(fields: LogFields): void {
    this.#failed.happened(fields);
  }

  recovered(fields: LogFields): void {
    this.#recovered.happened(fields);
  }

  approved(fields: LogFields): void {
    this.#log.info("mirror.approved", fields);
  }
}
