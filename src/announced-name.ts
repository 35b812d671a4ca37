/** One name by which servers of this process are announced at one announcer, kept as it is wanted until it is closed. */
import { untilAborted } from "./base/guarded.ts";
import type { Instance } from "./base/instance.ts";
import type { Log } from "./base/log.ts";
import { OutageLog } from "./base/outage-log.ts";
import { Backoff, type Clock, type Random, sleep } from "./base/time.ts";
import type { Announcement, EntryChange } from "./naming/announcer.ts";

export interface AnnouncedNameParts {
  /** As the server has it, for the log. */
  readonly name: string;
  readonly announcement: Announcement;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Counts each try that failed. */
  readonly failed: () => void;
}

const RETRY = { firstMs: 1_000, lastMs: 60_000 };
/** One try: a registry that does not answer is asked again. */
const TRY_MS = 10_000;

export class AnnouncedName implements AsyncDisposable {
  readonly #parts: AnnouncedNameParts;
  readonly #outage: OutageLog;
  readonly #end = new AbortController();
  #wanted: readonly Instance[] = [];
  #standing: readonly Instance[] = [];
  #changed = Promise.withResolvers<void>();
  #stood = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(parts: AnnouncedNameParts) {
    this.#parts = parts;
    const events = { failed: "announcement.failed", recovered: "announcement.recovered" };
    this.#outage = new OutageLog(parts.log, parts.clock, events);
  }

  /** Whether all that is wanted stands. */
  get stands(): boolean {
    return this.#wanted === this.#standing;
  }

  /** At once, or as soon as the registry takes it. Resolves when all that is wanted stands, or nothing more is tried. */
  want(instances: readonly Instance[]): Promise<void> {
    this.#wanted = instances;
    this.#changed.resolve();
    this.#running ??= this.#run();
    return Promise.race([this.#stood.promise, this.#running]);
  }

  /** Takes it away, then lets go. A try that is under way is given up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("the server is announced no more"));
    const { announcement } = this.#parts;
    if (this.#standing.length === 0) {
      // There is nothing to wait for: what may be on its way ends with the lease.
      void announcement.abandon().catch(() => undefined);
      return;
    }
    await this.#running;
    await announcement[Symbol.asyncDispose]();
    this.#parts.log.info("announcement.withdrawn", { name: this.#parts.name });
  }

  async #run(): Promise<void> {
    const { clock, random, failed, name } = this.#parts;
    const { signal } = this.#end;
    const backoff = new Backoff(RETRY.firstMs, RETRY.lastMs, random);
    while (!signal.aborted) {
      this.#changed = Promise.withResolvers();
      try {
        await this.#try(signal);
        this.#outage.succeeded();
        backoff.reset();
        await untilAborted(this.#changed.promise, signal);
      } catch (error) {
        if (signal.aborted) return;
        failed();
        this.#outage.failed(error instanceof Error ? error : new Error(String(error)), { name });
        await Promise.race([sleep(clock, backoff.next(), signal), this.#changed.promise]).catch(() => undefined);
      }
    }
  }

  async #try(signal: AbortSignal): Promise<void> {
    const wanted = this.#wanted;
    const { clock, log, name, announcement } = this.#parts;
    const late = new AbortController();
    using _ = clock.timer(TRY_MS, () => late.abort(new Error("the registry did not answer in time")));
    const both = AbortSignal.any([signal, late.signal]);
    const gone = this.#standing.filter(({ id }) => !wanted.some((each) => each.id === id));
    const removals = gone.length === 0 ? [] : await this.#removals(gone, both);
    const puts = wanted.map((instance): EntryChange => ({ op: "put", instance }));
    const outcomes = await announcement.write([...puts, ...removals], both);
    const failure = outcomes.find((outcome) => outcome.tag !== "done");
    if (failure !== undefined) throw new Error(failure.cause);
    this.#standing = wanted;
    if (this.stands) {
      this.#stood.resolve();
      this.#stood = Promise.withResolvers();
    }
    const addresses = wanted.map(({ id }) => id).join(" ");
    log.info("server.announced", { name, addresses });
  }

  async #removals(gone: readonly Instance[], signal: AbortSignal): Promise<readonly EntryChange[]> {
    const { entries } = await this.#parts.announcement.standing(signal);
    const ids = new Set(gone.map(({ id }) => id));
    return entries.flatMap(({ key, mine, instance }) => (mine && ids.has(instance.id) ? [{ op: "remove", key }] : []));
  }
}
