/** One ZooKeeper session and the entries that hang on it, made again under the next one when it is lost. */
import { Backoff, type PluginContext, sleep } from "linkspan/plugin";
import { deleteAll, type Outcome } from "./batches.ts";
import { ZkClient, type ZkOptions } from "./client.ts";
import { EntryMaker, isUnanswered } from "./entry-maker.ts";
import { InFlight } from "./in-flight.ts";
import type { KeptEntry } from "./kept-entry.ts";
import type { ParentMode } from "./parents.ts";
import { sessionName } from "./session-identity.ts";
import type { SessionState } from "./session-state.ts";
import { isZkError } from "./zk-error.ts";

/** More in one session, and the transaction that ends it could be one that no server can read again. */
export const MOST_ENTRIES = 2_000;
export const MOST_PATH_BYTES = 256 * 1024;
const MOST_WRITES_IN_FLIGHT = 64;
/** Many sessions are lost at the same moment, and shall not come back at the same moment. */
const MAX_RESTORE_PAUSE_MS = 100;
const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** How long a close waits for the deletion of what the session owns. */
const CLOSE_MS = 5_000;

/** Connects when the first entry comes. */
export class EntrySession implements AsyncDisposable {
  readonly client: ZkClient;
  readonly #context: PluginContext;
  readonly #maker: EntryMaker;
  readonly #entries = new Set<KeptEntry>();
  /** What was let go, and could not be deleted yet. */
  readonly #doomed = new Set<string>();
  readonly #end = new AbortController();
  readonly #chrootBytes: number;
  #bytes = 0;
  #sessionId: string | undefined;
  #isAbandoned = false;
  #repairing: Promise<void> | undefined;

  constructor(options: ZkOptions, parents: ParentMode, context: PluginContext) {
    this.#context = context;
    this.client = new ZkClient(options, context);
    const slash = options.connectString.indexOf("/");
    this.#chrootBytes = slash < 0 ? 0 : Buffer.byteLength(options.connectString.slice(slash));
    this.#maker = new EntryMaker({
      client: this.client,
      inFlight: new InFlight(MOST_WRITES_IN_FLIGHT),
      parents,
      owns: (owner) => this.owns(owner),
      isTaken: (path) => this.#doomed.has(path) || [...this.#entries].some((entry) => entry.at === path),
    });
    this.client.onState((state) => this.#changed(state));
    this.client.start();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether entries were left to its end: then it takes no new ones, and ends without being closed. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  hasRoomFor(entry: KeptEntry): boolean {
    if (this.#isAbandoned || this.#entries.size >= MOST_ENTRIES) return false;
    return this.#bytes + this.#bytesOf(entry) <= MOST_PATH_BYTES;
  }

  owns(ephemeralOwner: bigint): boolean {
    return this.#sessionId === sessionName(ephemeralOwner);
  }

  /** Takes the entry's room, and keeps it true from now on. */
  adopt(entry: KeptEntry): void {
    this.#entries.add(entry);
    entry.isKept = true;
    this.#bytes += this.#bytesOf(entry);
  }

  /** Makes entries that were adopted. What a server refuses is not kept; what it does not answer is made later. */
  async make(entries: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    const outcomes = await this.#maker.make(entries);
    for (const [index, outcome] of outcomes.entries()) {
      const entry = entries[index];
      if (entry && "error" in outcome && !isUnanswered(outcome.error)) this.#forget(entry);
    }
    this.repair();
    return outcomes;
  }

  /** Where a change fails, the entry stays as it was ordered before. */
  async update(entry: KeptEntry, data: Buffer): Promise<Outcome> {
    if (entry.isBeingMade) return { error: new Error(`${entry.path} is being made again`) };
    try {
      if (entry.at !== undefined) {
        await this.client.setData(entry.at, data);
        entry.data = data;
        return { at: entry.at };
      }
    } catch (error) {
      if (!isZkError(error, "NO_NODE")) return { error: error as Error };
      // Whoever deleted it is not asked.
      entry.at = undefined;
    }
    entry.data = data;
    return (await this.make([entry]))[0] ?? { at: entry.path };
  }

  /** Deletes entries, and goes on trying where that fails. */
  async remove(entries: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    for (const entry of entries) entry.isWanted = false;
    const standing = await Promise.all(entries.map((entry) => this.#pathOf(entry)));
    for (const path of standing) this.#doomed.add(path);
    const outcomes = await deleteAll(this.client, standing);
    for (const [index, entry] of entries.entries()) {
      this.#forget(entry);
      const outcome = outcomes[index];
      if (outcome && "at" in outcome) this.#doomed.delete(outcome.at);
    }
    this.repair();
    return outcomes;
  }

  /** Leaves entries to the end of the session. */
  abandon(entries: readonly KeptEntry[]): void {
    for (const entry of entries) this.#forget(entry);
    this.#isAbandoned ||= entries.length > 0;
  }

  /** Makes anew what is missing, and deletes what should be gone, until nothing is left to do. */
  repair(): void {
    if (this.#repairing || this.#end.signal.aborted || !this.#hasWork()) return;
    this.#repairing = this.#repair(this.#end.signal).finally(() => {
      this.#repairing = undefined;
    });
  }

  /** Deletes what it owns, in batches, before the session is closed; one with abandoned entries is left to expire. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("the session is closed"));
    const left = [...this.#entries].flatMap((entry) => (entry.at === undefined ? [] : [entry.at]));
    const paths = [...left, ...this.#doomed];
    this.#entries.clear();
    if (paths.length > 0 && this.client.state.tag === "connected") {
      const deleted = new AbortController();
      const late = sleep(this.#context.clock, CLOSE_MS, deleted.signal).catch(() => undefined);
      await Promise.race([deleteAll(this.client, paths).finally(() => deleted.abort()), late]);
    }
    await (this.#isAbandoned ? this.client.abandon() : this.client.close());
    await this.#repairing;
  }

  /** Where it is to be deleted. */
  async #pathOf(entry: KeptEntry): Promise<string> {
    const found = entry.isSuspect && entry.isSequential ? this.#maker.find(entry) : undefined;
    return entry.at ?? (await found?.catch(() => undefined)) ?? entry.path;
  }

  #changed(state: SessionState): void {
    if (state.tag !== "connected" || state.sessionId === this.#sessionId) return;
    this.#sessionId = state.sessionId;
    this.#doomed.clear();
    for (const entry of this.#entries) {
      entry.at = undefined;
      entry.isSuspect = false;
    }
    this.repair();
  }

  #hasWork(): boolean {
    if (this.#doomed.size > 0) return true;
    for (const entry of this.#entries) if (entry.isMissing) return true;
    return false;
  }

  async #repair(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#context;
    const backoff = new Backoff(MIN_RETRY_MS, MAX_RETRY_MS, random);
    await sleep(clock, random.next() * MAX_RESTORE_PAUSE_MS, signal).catch(() => undefined);
    while (!signal.aborted && this.#hasWork()) {
      const missing = [...this.#entries].filter((entry) => entry.isMissing);
      const outcomes = await this.#restore(missing);
      const failed = outcomes.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
      const fields = { session: this.#sessionId, entries: outcomes.length - failed.length };
      if (failed.length === 0) log.info("announcer.restored", fields);
      else {
        log.warn("announcer.failed", { ...fields, failed: failed.length, cause: failed[0]?.message });
        await sleep(clock, backoff.next(), signal).catch(() => undefined);
      }
    }
  }

  async #restore(missing: readonly KeptEntry[]): Promise<readonly Outcome[]> {
    const gone = await deleteAll(this.client, [...this.#doomed]);
    for (const outcome of gone) if ("at" in outcome) this.#doomed.delete(outcome.at);
    const made = await this.#maker.make(missing);
    // What was let go meanwhile is not to stand.
    for (const entry of missing) if (!entry.isWanted && entry.at !== undefined) this.#doomed.add(entry.at);
    return [...gone, ...made];
  }

  #forget(entry: KeptEntry): void {
    if (this.#entries.delete(entry)) this.#bytes -= this.#bytesOf(entry);
    entry.isKept = false;
  }

  #bytesOf(entry: KeptEntry): number {
    return entry.pathBytes + this.#chrootBytes;
  }
}
