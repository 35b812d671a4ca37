/** Follows the override file of a host: a mistake in it changes nothing, and no file overrides nothing. */
import { readFile, stat } from "node:fs/promises";
import type { Log } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { type Overrides, readOverrides } from "./shift-override.ts";

export interface OverrideFileParts {
  /** An absolute path. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told when it says something else, and once at the beginning where it says anything. */
  readonly changed: (overrides: Overrides) => void;
}

/** Every half second: that is soon enough for a hand, and sees files that no notice is given of. */
const LOOK_MS = 500;
const LARGEST_BYTES = 1024 * 1024;

export class OverrideFile implements Disposable {
  readonly #parts: OverrideFileParts;
  #seen = "none";
  #problem: string | undefined;
  #timer: Disposable | undefined;
  #isClosed = false;

  private constructor(parts: OverrideFileParts) {
    this.#parts = parts;
  }

  /** Has looked once when it resolves. */
  static async open(parts: OverrideFileParts): Promise<OverrideFile> {
    const file = new OverrideFile(parts);
    await file.#look();
    return file;
  }

  /** Why what it says is not in force: then what it said before is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#problem) this.#parts.log.warn("override.refused", { cause: message });
      this.#problem = message;
    }
    if (!this.#isClosed) this.#timer = this.#parts.clock.timer(LOOK_MS, () => void this.#look());
  }

  async #read(): Promise<void> {
    const { file, log, changed } = this.#parts;
    const found = await stat(file).catch(missing);
    const seen = found === undefined ? "none" : `${found.ino} ${found.mtimeMs} ${found.size}`;
    if (seen === this.#seen) return;
    if (found !== undefined && found.size > LARGEST_BYTES)
      throw new Error(`${file} is larger than ${LARGEST_BYTES} bytes`);
    const overrides = await readOverrides(file, found === undefined ? "" : await readFile(file, "utf8"));
    if (this.#isClosed) return;
    this.#seen = seen;
    this.#problem = undefined;
    log.info("override.read", { file, shifts: [...overrides.keys()].join(" ") });
    changed(overrides);
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
