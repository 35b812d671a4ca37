/**
 * One member's claim to the Lease of its group: taken when nobody holds it or its holder was silent for its duration by
 * our own clock, and renewed. Who holds it stops believing so before anybody else could.
 */
import { type Clock, type Owner, type Random, sleep } from "linkspan/plugin";
import { ApiError } from "./api-error.ts";
import type { ApiPlace } from "./api-place.ts";
import { type ApiWriter, WriteForbidden } from "./api-writer.ts";
import { type Lease, leaseName, leaseObject, leasesIn, readLease } from "./lease-object.ts";

export interface LeaseTimes {
  /** How long a holder may be silent before others take the Lease, to the second. */
  readonly durationMs: number;
  /**
   * How long after its last renewal a holder believes in it. What is left of the duration is for what is under way then:
   * no request waits for its answer for so long.
   */
  readonly deadlineMs: number;
  /** Between two renewals: half as many as other holders write, and two more than are needed. */
  readonly renewMs: number;
  /** Between two looks of who does not hold it, and after a failure. */
  readonly retryMs: number;
}

export const USUAL_LEASE: LeaseTimes = { durationMs: 15_000, deadlineMs: 10_000, renewMs: 4_000, retryMs: 2_000 };

export interface LeaseCandidateOptions {
  readonly namespace: string;
  readonly owner: Owner;
  readonly writer: ApiWriter;
  readonly clock: Clock;
  readonly random: Random;
  readonly times?: LeaseTimes;
}

export class LeaseCandidate implements AsyncDisposable {
  readonly #options: LeaseCandidateOptions;
  readonly #times: LeaseTimes;
  readonly #place: ApiPlace;
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  /** Who waits for the end of a try. */
  readonly #waiting = new Set<() => void>();
  #run: { readonly end: AbortController; readonly done: Promise<void> } | undefined;
  /** Ends the wait between two tries. */
  #hurry: AbortController | undefined;
  /** What is known of the object, and since when it is so. */
  #seen: { readonly lease: Lease; readonly since: number } | undefined;
  #heldUntil = -Infinity;
  #fence: Disposable | undefined;
  #terms = 0;
  #trouble: Error | undefined;
  #isAsked = false;

  constructor(options: LeaseCandidateOptions) {
    this.#options = options;
    this.#times = options.times ?? USUAL_LEASE;
    this.#place = leasesIn(options.namespace);
    this.#name = leaseName(options.owner.group);
  }

  /** By the own clock. */
  get leads(): boolean {
    return this.#options.clock.now() < this.#heldUntil;
  }

  get leader(): string | undefined {
    return this.leads ? this.#options.owner.member : this.#seen?.lease.holder;
  }

  /** How often it was taken. */
  get terms(): number {
    return this.#terms;
  }

  /** Whether the API server has answered, since it runs. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Why nothing is known now. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  /** Called after each change of the above. */
  listen(changed: () => void): Disposable {
    this.#listeners.add(changed);
    return { [Symbol.dispose]: () => void this.#listeners.delete(changed) };
  }

  /**
   * Claims it from now on, until `resign`. Resolves at once where it is held, else when the next try has ended, however,
   * which is made now; or when the signal aborts.
   */
  async enter(signal?: AbortSignal): Promise<void> {
    if (!this.#run) {
      const end = new AbortController();
      this.#run = { end, done: this.#claim(end.signal) };
    }
    if (this.leads || signal?.aborted === true) return;
    this.#hurry?.abort();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal?.addEventListener("abort", () => resolve(), { once: true, signal: this.#run.end.signal });
    await promise;
    this.#waiting.delete(resolve);
  }

  /** Throws where nothing may be written. */
  check(): void {
    if (this.leads) return;
    const isAnothers = this.#isAsked && this.#trouble === undefined;
    throw new WriteForbidden(this.obstacle, isAnothers);
  }

  /** Why it is not held, in one sentence. */
  get obstacle(): string {
    if (this.#trouble) return this.#trouble.message;
    const { group } = this.#options.owner;
    const holder = this.#seen?.lease.holder;
    return holder === undefined ? `the lease of ${group} is not held` : `the lease of ${group} is held by ${holder}`;
  }

  /** Gives it away, where it is held, and claims it no more. Never rejects: then it ends by itself. */
  async resign(): Promise<void> {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    run.end.abort(new Error("the claim to the lease has ended"));
    await run.done;
    const isHeld = this.leads;
    this.#lose();
    const { clock, namespace, owner } = this.#options;
    const seen = this.#seen?.lease;
    this.#seen = undefined;
    this.#isAsked = false;
    if (!isHeld || !seen) return;
    const wish = { namespace, group: owner.group, holder: "", seconds: 1, now: clock.wall() };
    const { signal } = new AbortController();
    await this.#options.writer.put(this.#place, this.#name, leaseObject(wish, seen), { signal }).catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign();
  }

  async #claim(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#try(signal);
        this.#trouble = undefined;
        this.#isAsked = true;
      } catch (error) {
        if (signal.aborted) break;
        this.#trouble = error as Error;
      }
      this.#tell();
      this.#wakeAll();
      await this.#pause(signal);
    }
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const isWell = this.leads && !this.#trouble;
    const wait = isWell ? this.#times.renewMs : this.#times.retryMs * (0.8 + 0.4 * random.next());
    this.#hurry = new AbortController();
    await sleep(clock, wait, AbortSignal.any([signal, this.#hurry.signal])).catch(() => undefined);
    this.#hurry = undefined;
  }

  async #try(signal: AbortSignal): Promise<void> {
    const { member } = this.#options.owner;
    try {
      // Who holds it knows the version, and writes without reading.
      const lease = this.leads && this.#seen ? this.#seen.lease : await this.#look(signal);
      if (lease === undefined || lease.holder === member || this.#isOver(lease)) await this.#take(lease, signal);
      else this.#lose();
    } catch (error) {
      if (!(error instanceof ApiError) || ![404, 409].includes(error.status)) throw error;
      // Somebody else wrote to it: who holds it now is read at once, and whether that is one itself.
      const lease = await this.#look(signal);
      if (lease?.holder === member) await this.#take(lease, signal);
      else if (lease?.holder !== undefined) this.#lose();
      else if (error.status === 404 && lease === undefined) throw error;
    }
  }

  async #look(signal: AbortSignal): Promise<Lease | undefined> {
    const object = await this.#options.writer.read(this.#place, this.#name, { signal });
    const lease = object && readLease(object);
    // Of an object that was written to, the silence begins anew.
    if (!lease) this.#seen = undefined;
    else if (this.#seen?.lease.version !== lease.version) this.#seen = { lease, since: this.#options.clock.now() };
    return lease;
  }

  #isOver(lease: Lease): boolean {
    if (lease.holder === undefined) return true;
    const since = this.#seen?.since ?? Infinity;
    return this.#options.clock.now() - since >= lease.durationMs;
  }

  async #take(before: Lease | undefined, signal: AbortSignal): Promise<void> {
    const { clock, namespace, owner, writer } = this.#options;
    const begun = clock.now();
    const seconds = Math.ceil(this.#times.durationMs / 1000);
    const wish = { namespace, group: owner.group, holder: owner.member, seconds, now: clock.wall() };
    const name = before ? this.#name : undefined;
    const written = await writer.put(this.#place, name, leaseObject(wish, before), { signal });
    this.#seen = { lease: readLease(written), since: clock.now() };
    if (!this.leads || before?.holder !== owner.member) this.#terms++;
    this.#heldUntil = begun + this.#times.deadlineMs;
    this.#fence?.[Symbol.dispose]();
    this.#fence = clock.timer(this.#heldUntil - clock.now(), () => this.#tell());
  }

  #lose(): void {
    this.#heldUntil = -Infinity;
    this.#fence?.[Symbol.dispose]();
    this.#tell();
  }

  #tell(): void {
    for (const listener of Array.from(this.#listeners)) listener();
  }
}
