/** One file that lines are appended to, by any number of threads and processes at a time, and that is rolled. */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Clock } from "../base/time.ts";
import { momentOf, periodOf, type RollPolicy } from "./roll-policy.ts";
import { putAside, removeOldest } from "./rolled-files.ts";

export interface LogFileOptions {
  readonly path: string;
  readonly roll: RollPolicy;
  /** Whether what stands in the file when the process starts is kept. */
  readonly append: boolean;
  /** How many files that were put aside are kept; -1: all. */
  readonly rotateCount: number;
}

/** Whole lines in one write, which the system puts at the end. Nobody waits for the reader of a pipe. */
const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY;

/** Not to be used by two at a time. What cannot be done is tried again with the next lines. */
export class LogFile implements AsyncDisposable {
  readonly #options: LogFileOptions;
  readonly #clock: Clock;
  readonly #processStart: number;
  #handle: FileHandle | undefined;
  /** Of the file that is open. */
  #opened: Stats | undefined;
  /** The time that the open file is for. */
  #period = "";
  /** The file ends within a line. */
  #isTorn = false;

  /** `processStart` in epoch ms: what was last written before is cleared, unless it is to be kept. */
  constructor(options: LogFileOptions, clock: Clock, processStart: number) {
    this.#options = options;
    this.#clock = clock;
    this.#processStart = processStart;
  }

  /**
   * Resolves with why the file could not be rolled, where it could not: the lines are in it then all the same. Rejects with
   * the system's error; part of the lines may be in the file then.
   */
  async append(lines: Uint8Array): Promise<Error | undefined> {
    const trouble = await this.#rolled(lines.length);
    const handle = this.#handle ?? (await this.#open());
    if (this.#isTorn) await handle.write("\n");
    this.#isTorn = false;
    for (let at = 0; at < lines.length;) {
      const { bytesWritten } = await handle.write(lines, at, lines.length - at).catch((error: unknown) => {
        this.#isTorn = at > 0;
        throw error;
      });
      at += bytesWritten;
    }
    return trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** Afterwards what is open, if anything, is at the path, which others may have moved, and has room for what comes. */
  async #rolled(bytes: number): Promise<Error | undefined> {
    const { path, rotateCount } = this.#options;
    const there = await stat(path).catch(() => undefined);
    if (this.#handle !== undefined && !isSame(there, this.#opened)) await this[Symbol.asyncDispose]();
    const handle = this.#handle ?? (await this.#open());
    const time = this.#timeToRoll(await handle.stat(), bytes);
    if (time === undefined) return undefined;
    try {
      await putAside(path, time);
      await this[Symbol.asyncDispose]();
      if (rotateCount >= 0) await removeOldest(path, rotateCount);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  async #open(): Promise<FileHandle> {
    const { path, append, roll } = this.#options;
    const handle = await open(path, FLAGS, 0o666);
    this.#handle = handle;
    let found = await handle.stat();
    if (!append && found.isFile() && found.size > 0 && found.mtimeMs < this.#processStart) {
      await handle.truncate(0);
      found = await handle.stat();
    }
    this.#opened = found;
    this.#isTorn = false;
    this.#period = periodOf(roll, found.size > 0 ? found.mtimeMs : this.#clock.wall());
    return handle;
  }

  /** The name of what is to be put aside now. */
  #timeToRoll(found: Stats, bytes: number): string | undefined {
    const { roll } = this.#options;
    if (roll.kind === "never" || !found.isFile()) return undefined;
    const now = this.#clock.wall();
    if (roll.kind === "size") return found.size > 0 && found.size + bytes > roll.bytes ? momentOf(now) : undefined;
    const period = periodOf(roll, now);
    if (period === this.#period) return undefined;
    if (found.size > 0) return this.#period;
    this.#period = period;
    return undefined;
  }
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}
