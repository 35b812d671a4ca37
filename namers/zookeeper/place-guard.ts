/** Notices when somebody else deletes entries at a place, and has them made again. */
import { Backoff, type PluginContext } from "linkspan/plugin";
import type { EntrySessions } from "./entry-sessions.ts";
import type { KeptEntry } from "./kept-entry.ts";
import type { Watcher } from "./watcher.ts";
import { isZkError } from "./zk-error.ts";

/** Changes come in bursts; one look is enough for those of a second. */
const MIN_LOOK_MS = 1_000;
const MAX_LOOK_MS = 60_000;
/** Whoever deleted nothing for so long is no adversary. */
const CALM_MS = 300_000;

export class PlaceGuard implements Disposable {
  readonly #place: string;
  readonly #sessions: EntrySessions;
  readonly #kept: () => readonly KeptEntry[];
  readonly #context: PluginContext;
  /** Grows while somebody goes on deleting, so that two writers do not fight at full speed. */
  readonly #backoff: Backoff;
  #watcher: Watcher | undefined;
  #timer: Disposable | undefined;
  #lostAt = -Infinity;
  #isEnded = false;

  constructor(place: string, sessions: EntrySessions, kept: () => readonly KeptEntry[], context: PluginContext) {
    this.#place = place;
    this.#sessions = sessions;
    this.#kept = kept;
    this.#context = context;
    this.#backoff = new Backoff(2 * MIN_LOOK_MS, MAX_LOOK_MS, context.random);
  }

  /** Idempotent. To be called when there is something to guard. */
  start(): void {
    if (this.#watcher || this.#isEnded) return;
    this.#watcher = this.#sessions.control.watcher(() => this.#lookLater(MIN_LOOK_MS));
    this.#lookLater(MIN_LOOK_MS);
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    this.#watcher?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #lookLater(ms: number): void {
    if (this.#isEnded) return;
    this.#timer ??= this.#context.clock.timer(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const standing = this.#kept().filter((entry) => entry.at !== undefined);
    const calm = this.#context.clock.now() - this.#lostAt > CALM_MS;
    if (calm) this.#backoff.reset();
    let nextMs: number | undefined;
    try {
      const lost = await this.#lost(standing);
      if (lost.length > 0) {
        this.#lostAt = this.#context.clock.now();
        nextMs = this.#backoff.next();
        this.#context.log.warn("announcer.bereft", { place: this.#place, entries: lost.length });
        for (const entry of lost) this.#sessions.lost(entry);
      }
    } catch {
      nextMs = MAX_LOOK_MS;
    }
    this.#timer = undefined;
    if (nextMs !== undefined) this.#lookLater(nextMs);
  }

  /** Those of `entries` that are gone while their sessions live. */
  async #lost(entries: readonly KeptEntry[]): Promise<readonly KeptEntry[]> {
    const { control } = this.#sessions;
    await control.sync(this.#place);
    const there = await this.#children();
    const gone = entries.filter((entry) => entry.at !== undefined && !there.has(entry.at));
    const isGone = await Promise.all(gone.map((entry) => this.#sessions.isGone(entry)));
    return gone.filter((_, at) => isGone[at]);
  }

  async #children(): Promise<ReadonlySet<string>> {
    try {
      const { children } = await this.#sessions.control.getChildren(this.#place, this.#watcher);
      return new Set(children.map((name) => `${this.#place}/${name}`));
    } catch (error) {
      if (!isZkError(error, "NO_NODE")) throw error;
      return new Set();
    }
  }
}
