/** Says that something in a folder may have changed: by the system's own notice, and by a slow poll under it. */
import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import type { Clock } from "linkspan/plugin";

export interface FolderWatchTimes {
  /** How long notices are gathered, so that a file that is being written is read once. */
  readonly gatherMs: number;
  /** How often everything is looked at although nothing was noticed. */
  readonly pollMs: number;
  /** The same while the folder cannot be watched. */
  readonly brokenPollMs: number;
}

export const FOLDER_WATCH_TIMES: FolderWatchTimes = { gatherMs: 10, pollMs: 5_000, brokenPollMs: 250 };

/** One watch a folder, however many listen. */
export class FolderWatches {
  readonly #clock: Clock;
  readonly #times: FolderWatchTimes;
  readonly #watches = new Map<string, FolderWatch>();

  constructor(clock: Clock, times: FolderWatchTimes = FOLDER_WATCH_TIMES) {
    this.#clock = clock;
    this.#times = times;
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Calls `changed` when anything in `folder` may have changed, until disposed. The folder need not exist. */
  listen(folder: string, changed: () => void): Disposable {
    let folderWatch = this.#watches.get(folder);
    if (!folderWatch) {
      folderWatch = new FolderWatch(folder, this.#clock, this.#times);
      this.#watches.set(folder, folderWatch);
    }
    const joined = folderWatch;
    joined.listeners.add(changed);
    return {
      [Symbol.dispose]: () => {
        joined.listeners.delete(changed);
        if (joined.listeners.size > 0 || this.#watches.get(folder) !== joined) return;
        this.#watches.delete(folder);
        joined[Symbol.dispose]();
      },
    };
  }
}

class FolderWatch implements Disposable {
  readonly listeners = new Set<() => void>();
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #times: FolderWatchTimes;
  #watcher: FSWatcher | undefined;
  /** Device and number of the folder that `#watcher` sees; another folder may stand at its path by now. */
  #identity = "";
  #poll: Disposable | undefined;
  #gathering: Disposable | undefined;
  #closed = false;

  constructor(folder: string, clock: Clock, times: FolderWatchTimes) {
    this.#folder = folder;
    this.#clock = clock;
    this.#times = times;
    void this.#check(false);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#poll?.[Symbol.dispose]();
    this.#gathering?.[Symbol.dispose]();
    this.#unwatch();
  }

  #noticed(): void {
    this.#gathering ??= this.#clock.timer(this.#times.gatherMs, () => {
      this.#gathering = undefined;
      void this.#check(true);
    });
  }

  /** Watches the folder that stands at the path now, then lets the listeners look. */
  async #check(tell: boolean): Promise<void> {
    const identity = await identityOf(this.#folder);
    if (this.#closed) return;
    const isNew = identity !== this.#identity || this.#watcher === undefined;
    if (isNew) {
      this.#unwatch();
      this.#identity = identity;
      if (identity !== "") this.#watch();
    }
    this.#poll?.[Symbol.dispose]();
    const pollMs = this.#watcher ? this.#times.pollMs : this.#times.brokenPollMs;
    this.#poll = this.#clock.timer(pollMs, () => void this.#check(true));
    // What changed between the first look and the beginning of the watch was noticed by nobody.
    if (tell || isNew) for (const listener of this.listeners) listener();
  }

  #watch(): void {
    try {
      const watcher = watch(this.#folder, { persistent: false });
      watcher.on("change", () => this.#noticed());
      watcher.on("error", () => {
        if (this.#watcher === watcher) this.#unwatch();
        this.#noticed();
      });
      this.#watcher = watcher;
    } catch {
      // No watch to be had here (a file system without, or the system's limit): the poll goes on alone.
      this.#watcher = undefined;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

async function identityOf(folder: string): Promise<string> {
  try {
    const found = await stat(folder);
    return found.isDirectory() ? `${found.dev}:${found.ino}` : "";
  } catch {
    return "";
  }
}
