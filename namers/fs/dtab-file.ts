/** A dtab in a file, followed as it is edited. */
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock, DtabListener, DtabReading, DtabSource } from "linkspan/plugin";
import { FolderWatches, type FolderWatchTimes } from "./folder-watch.ts";
import { isCutShort } from "./service-file.ts";

/** More than any dtab needs. */
const LARGEST_DTAB_BYTES = 16 * 2 ** 20;
/** What looks like the beginning of what was there is being written, unless it stays so for this long. */
const SETTLE_MS = 1_000;

export interface DtabFileOptions {
  /** An absolute path. */
  readonly file: string;
  /** As the configuration calls it. */
  readonly place: string;
  readonly clock: Clock;
  readonly times?: FolderWatchTimes;
}

export class DtabFile implements DtabSource {
  readonly place: string;
  readonly #options: DtabFileOptions;
  readonly #folders: FolderWatches;

  constructor(options: DtabFileOptions) {
    this.place = options.place;
    this.#options = options;
    this.#folders = new FolderWatches(options.clock, options.times);
  }

  follow(listener: DtabListener): Disposable {
    return new FollowedFile(this.#options, this.#folders, listener);
  }

  confirm(signal: AbortSignal): Promise<DtabReading> {
    return readDtab(this.#options, signal);
  }
}

/** Looks at construction and at every notice, one look at a time. */
class FollowedFile implements Disposable {
  readonly #options: DtabFileOptions;
  readonly #listener: DtabListener;
  readonly #end = new AbortController();
  readonly #listening: Disposable;
  #isLooking = false;
  #isOutdated = false;
  #told = "";
  #suspect: { readonly text: string; readonly since: number } | undefined;
  #settling: Disposable | undefined;

  constructor(options: DtabFileOptions, folders: FolderWatches, listener: DtabListener) {
    this.#options = options;
    this.#listener = listener;
    this.#listening = folders.listen(dirname(options.file), () => this.#look());
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#end.abort(new Error("the file is not followed any more"));
    this.#settling?.[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #look(): void {
    this.#isOutdated = true;
    if (!this.#isLooking) void this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    const { signal } = this.#end;
    this.#isLooking = true;
    while (this.#isOutdated && !signal.aborted) {
      this.#isOutdated = false;
      try {
        const reading = await readDtab(this.#options, signal);
        if (!signal.aborted) this.#saw(reading.text);
      } catch (error) {
        if (!signal.aborted) this.#listener.failed(error as Error);
      }
    }
    this.#isLooking = false;
  }

  #saw(text: string): void {
    if (this.#isUnfinished(text)) return;
    this.#suspect = undefined;
    this.#told = text;
    this.#listener.heard({ text });
  }

  /** Whoever writes in place is seen in the middle of it; a file without anything is for the guard. */
  #isUnfinished(text: string): boolean {
    if (text.trim() === "" || !isCutShort(text, this.#told)) return false;
    const { clock } = this.#options;
    const now = clock.now();
    const since = this.#suspect?.text === text ? this.#suspect.since : now;
    this.#suspect = { text, since };
    if (now - since >= SETTLE_MS) return false;
    this.#settling?.[Symbol.dispose]();
    this.#settling = clock.timer(since + SETTLE_MS - now, () => this.#look());
    return true;
  }
}

/** Rejects with a sentence where there is no such file, or it cannot be read. */
async function readDtab(
  { file, place }: DtabFileOptions,
  signal: AbortSignal,
): Promise<DtabReading & { readonly text: string }> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_DTAB_BYTES) throw new Error(`it is larger than ${LARGEST_DTAB_BYTES} bytes`);
    return { text: await readFile(file, { encoding: "utf8", signal }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { ENOENT: "there is no such file", EISDIR: "it is a directory", EACCES: "it may not be read" };
    const known = Object.entries(why).find(([each]) => each === code)?.[1];
    throw new Error(`${place} cannot be read: ${known ?? code ?? message}`, { cause: error });
  }
}
