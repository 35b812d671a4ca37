/** Looks at a file each second, and tells when it has changed and stayed the same for two looks. */
import { stat } from "node:fs/promises";
import type { Clock } from "../base/time.ts";

const POLL_MS = 1_000;

/**
 * By name, as whoever opens the file would: so it sees a rename, the swap of a link that a path leads through, as Kubernetes
 * does it, and a file system that gives no notice. A file that is gone is no change: it is being written anew.
 */
export class FileWatch implements Disposable {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #told: string | undefined;
  #seen: string | undefined;
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(path: string, clock: Clock, changed: () => void) {
    this.#path = path;
    this.#clock = clock;
    this.#changed = changed;
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    const look = await lookOf(this.#path);
    if (this.#isOver) return;
    this.#told ??= look;
    if (look !== undefined && look === this.#seen && look !== this.#told) {
      this.#told = look;
      this.#changed();
    }
    this.#seen = look;
    this.#timer = this.#clock.timer(POLL_MS, () => void this.#look());
  }
}

async function lookOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return undefined;
  }
}
