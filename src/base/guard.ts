/** The mass-loss guard of one source: what vanishes in masses without a sign is held until a second look. */
import { Backoff, type Clock, type Random } from "./time.ts";
import { BurstLog } from "./burst-log.ts";
import { ByKey } from "./by-key.ts";
import type { Log, LogFields } from "./log.ts";
import { LossWindow } from "./loss-window.ts";
import type { Believer, Confirm, Publish } from "./guarded.ts";
import { NameGuard } from "./name-guard.ts";
import type { Held } from "./state.ts";

export type { Believer, Confirm, Guarded, Publish, Reading, Signs } from "./guarded.ts";
export { NameGuard } from "./name-guard.ts";

/** Thresholds of the mass-loss guard; `holdMs` 0 turns it off. */
export interface GuardSettings {
  readonly holdMs: number;
  /** The share of a name's endpoints whose loss is held. */
  readonly nameShare: number;
  /** The share of a source's names whose loss is held. */
  readonly sourceShare: number;
}

/** A name whose loss is held, for explain, metrics and the page. */
export interface HeldName {
  readonly name: string;
  readonly held: Held;
}

/** How many confirming reads of one source are under way at most; the rest wait their turn, still held. */
const MAX_READS = 8;
const READ_TIMEOUT_MS = 10_000;
const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 30_000;

/**
 * One a namer. A namer's watch joins it like this, and then offers every snapshot it reads (never an error):
 *
 *     const guarded = guard.name(path.show, ({ members, held }) => set(ok(toAddresses(members), held && { held })), confirm);
 *     guarded.offer(membersById, idsThatWereWithdrawnBySign);
 *     guarded[Symbol.dispose]();                     // with the watch
 *
 * `confirm` reads the name again on a fresh connection. All members have an id that stays the same while it is the same
 * registration.
 */
export class SourceGuard implements Disposable {
  /** May be set anew: what is held already keeps its time. */
  settings: GuardSettings;
  readonly clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #held: BurstLog;
  readonly #released: BurstLog;
  readonly #names = new ByKey<NameGuard<unknown>>();
  readonly #window: LossWindow;
  readonly #reads = new Set<AbortController>();
  readonly #waiting: (() => void)[] = [];
  #present = 0;

  constructor(settings: GuardSettings, clock: Clock, random: Random, log: Log) {
    this.settings = settings;
    this.clock = clock;
    this.#random = random;
    this.#log = log;
    this.#held = new BurstLog(log, clock, "warn", "guard.held");
    this.#released = new BurstLog(log, clock, "info", "guard.released");
    this.#window = new LossWindow(settings.holdMs);
  }

  /**
   * `publish` hears every change of what is to be believed, during `offer` or later. Without `confirm` the loss is
   * believed when the hold is over. Dispose it with the watch that feeds it.
   */
  name<M>(key: string, publish: Publish<M>, confirm?: Confirm<M>): NameGuard<M> {
    return this.join(key, { believe: publish, ...(confirm ? { confirm } : {}) });
  }

  /** The same for one who is a believer already. */
  join<M>(key: string, believer: Believer<M>): NameGuard<M> {
    const made = new NameGuard<M>(this, key, believer);
    this.#names.add(key, made as NameGuard<unknown>);
    return made;
  }

  /** Believes at once what is held of a name, as an operator orders. False when nothing is held. */
  release(key: string): boolean {
    return this.#each(key, (name) => name.release());
  }

  /** Believes at once what is held of a name, because nothing of it can be connected to. */
  unreachable(key: string): boolean {
    return this.#each(key, (name) => name.unreachable());
  }

  held(): readonly HeldName[] {
    return [...this.#names.keys()].flatMap((name) =>
      this.#names.of(name).flatMap(({ held }) => (held ? [{ name, held }] : [])),
    );
  }

  [Symbol.dispose](): void {
    for (const key of this.#names.keys()) for (const name of this.#names.of(key)) name[Symbol.dispose]();
    for (const read of this.#reads) read.abort(new Error("the guard is closed"));
  }

  /** Of a name's guard: a name was found at the first look (`joined` 0), has come (1), or was taken without a sign (-1). */
  countName(present: -1 | 1, joined: -1 | 0 | 1): void {
    this.#present += present;
    this.#window.add(this.clock.now(), { joined: Math.max(0, joined), lost: Math.max(0, -joined) });
  }

  /** Of a name's guard: whether the source has lost so many names, with `more` now, that every further loss is held. */
  hasMassLoss(more: 0 | 1): boolean {
    const net = this.#window.net(this.clock.now());
    const before = this.#present - net;
    return more - net > 0 && more - net > this.settings.sourceShare * before;
  }

  /** Of a name's guard: runs `read` when it is its turn, with a signal that aborts when it takes too long. */
  inTurn(read: (signal: AbortSignal) => Promise<void>): void {
    const run = (): void => {
      const late = new AbortController();
      this.#reads.add(late);
      const timer = this.clock.timer(READ_TIMEOUT_MS, () => late.abort(new Error("the confirming read took too long")));
      void read(late.signal).finally(() => {
        timer[Symbol.dispose]();
        this.#reads.delete(late);
        this.#waiting.shift()?.();
      });
    };
    if (this.#reads.size < MAX_READS) run();
    else this.#waiting.push(run);
  }

  /** Of a name's guard. */
  newBackoff(): Backoff {
    return new Backoff(RETRY_MIN_MS, RETRY_MAX_MS, this.#random);
  }

  /** Of a name's guard, which ends. */
  forget(key: string, name: NameGuard<unknown>): void {
    this.#names.delete(key, name);
  }

  /** Of a name's guard. */
  tell(event: "guard.held" | "guard.unconfirmed" | "guard.released", fields: LogFields): void {
    if (event === "guard.held") this.#held.happened(fields);
    else if (event === "guard.unconfirmed") this.#log.debug(event, fields);
    else if (fields["why"] === "ordered") this.#log.info(event, fields);
    else this.#released.happened(fields);
  }

  #each(key: string, act: (name: NameGuard<unknown>) => boolean): boolean {
    let acted = false;
    for (const name of this.#names.of(key)) acted = act(name) || acted;
    return acted;
  }
}
