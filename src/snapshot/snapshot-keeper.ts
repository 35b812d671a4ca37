/** Keeps the memory in bounds, and a copy of it on disk: read at the start, brought up to date in intervals and at the end. */
import { stat, utimes } from "node:fs/promises";
import type { Log } from "../base/log.ts";
import { OutageLog } from "../base/outage-log.ts";
import type { Clock } from "../base/time.ts";
import { ChangeLog, readChanges, removeChanges } from "./change-log.ts";
import type { Memory } from "./memory.ts";
import { readSnapshot, removeUnfinished, SnapshotRefused, writeSnapshot, type Written } from "./snapshot-file.ts";

export interface SnapshotKeeperParts {
  readonly memory: Memory;
  /** Where the file is; without one nothing is kept beyond this process. */
  readonly path: string | undefined;
  readonly intervalMs: number;
  /** How long a name that nobody watches is remembered. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Beside a snapshot there may be a quarter as much of what changed since, and this much in any case. */
const LEAST_LOG_BYTES = 1024 * 1024;

/** Closing it writes once more: close whatever watches names before. */
export class SnapshotKeeper implements AsyncDisposable {
  readonly #parts: SnapshotKeeperParts;
  readonly #outage: OutageLog;
  #written = 0;
  /** Of the file as this process left it: another one in its place is somebody else's. */
  #identity = "";
  #timer: Disposable | undefined;
  #writing: Promise<void> = Promise.resolve();
  #wasFull = false;
  /** What this process wrote last as a whole, and what is beside it. */
  #base: Written | undefined;
  #log: ChangeLog | undefined;

  private constructor(parts: SnapshotKeeperParts) {
    this.#parts = parts;
    this.#outage = new OutageLog(parts.log, parts.clock, { failed: "snapshot.failed", recovered: "snapshot.written" });
  }

  /** With what an earlier process left, as far as that can be used; whatever is wrong with it is one line in the log. */
  static async open(parts: SnapshotKeeperParts): Promise<SnapshotKeeper> {
    const keeper = new SnapshotKeeper(parts);
    if (parts.path !== undefined) await keeper.#read(parts.path);
    keeper.#schedule();
    return keeper;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    await this.#writing;
    await this.#keep();
    await this.#dropLog();
  }

  async #read(path: string): Promise<void> {
    const { memory, clock, log, keepMs } = this.#parts;
    try {
      const snapshot = await readSnapshot(path);
      if (snapshot === undefined) return;
      const changes = await readChanges(path, snapshot.sum);
      const writtenAt = Math.min(Math.max(snapshot.writtenAt, changes?.writtenAt ?? 0), clock.wall());
      memory.load(snapshot.lines, writtenAt);
      memory.load(changes?.lines ?? [], writtenAt);
      memory.prune(clock.wall() - keepMs);
      this.#written = memory.changes;
      this.#identity = await identityOf(path);
      log.info("snapshot.loaded", { path, entries: memory.size, ageMs: Math.round(clock.wall() - writtenAt) });
      if (changes?.isWhole === false) {
        log.warn("snapshot.refused", {
          path,
          cause: "what changed after it is cut short; what came before that is used",
        });
      }
    } catch (error) {
      // Another is written over it when there is something to write.
      const isRefused = error instanceof SnapshotRefused;
      log.warn("snapshot.refused", {
        path,
        cause: isRefused ? error.message : `it cannot be read: ${messageOf(error)}`,
      });
    }
  }

  #schedule(): void {
    this.#timer = this.#parts.clock.timer(this.#parts.intervalMs, () => {
      this.#writing = this.#keep().then(() => {
        if (this.#timer !== undefined) this.#schedule();
      });
    });
  }

  async #keep(): Promise<void> {
    const { memory, path, keepMs, clock } = this.#parts;
    memory.prune(clock.wall() - keepMs);
    if (path === undefined) return;
    try {
      if (memory.changes === this.#written && (await this.#touched(path))) return;
      await this.#write(path);
      this.#outage.succeeded({ path });
    } catch (error) {
      this.#outage.failed(error as Error, { path });
    }
  }

  /** Says that what is watched is confirmed still. False when there is another file now, or none. */
  async #touched(path: string): Promise<boolean> {
    if (memoryIsEmpty(this.#parts.memory)) return true;
    if ((await identityOf(path)) !== this.#identity) return false;
    const now = this.#parts.clock.wall() / 1000;
    await utimes(path, now, now);
    this.#identity = await identityOf(path);
    return true;
  }

  async #write(path: string): Promise<void> {
    // What changes meanwhile is written the next time.
    const { changes } = this.#parts.memory;
    if (!(await this.#added(path))) await this.#writeWhole(path);
    this.#written = changes;
  }

  /** False where a whole one is to be written: there is none of ours, too much is another, or a piece could not be added. */
  async #added(path: string): Promise<boolean> {
    const base = this.#base;
    if (base === undefined || (await identityOf(path)) !== this.#identity) return false;
    if ((this.#log?.bytes ?? 0) > Math.max(LEAST_LOG_BYTES, base.bytes / 4)) return false;
    const lines = this.#parts.memory.changedLines();
    if (lines === undefined) return false;
    // Until it is added nothing is sure of what is there.
    this.#base = undefined;
    this.#log ??= await ChangeLog.create(path, base.sum);
    await this.#log.add(lines);
    this.#base = base;
    return true;
  }

  async #writeWhole(path: string): Promise<void> {
    const { memory, clock, log } = this.#parts;
    if (this.#identity === "") await removeUnfinished(path, clock.wall());
    await this.#dropLog();
    const written = await writeSnapshot(path, memory.wholly());
    this.#identity = await identityOf(path);
    this.#base = written;
    await removeChanges(path);
    const { bytes, left } = written;
    if (left > 0 && !this.#wasFull) log.warn("snapshot.cut", { path, bytes, left });
    this.#wasFull = left > 0;
  }

  async #dropLog(): Promise<void> {
    this.#base = undefined;
    const log = this.#log;
    this.#log = undefined;
    await log?.[Symbol.asyncDispose]();
  }
}

const memoryIsEmpty = (memory: Memory): boolean => memory.lines().next().done === true;

async function identityOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? "" : `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}`;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
