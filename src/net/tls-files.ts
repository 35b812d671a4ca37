/** What is made of files, and made anew when they change. */
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { CertificateError, type ReadFile } from "../base/certificates.ts";
import type { Clock } from "../base/time.ts";

/** How often files are looked at. A change is read when it has been the same for two looks. */
export const FILE_POLL_MS = 1000;

export interface TlsFilesOptions<T> {
  readonly clock: Clock;
  /** Makes it of what the files hold now; throws a CertificateError. Whatever it reads is watched. */
  readonly make: (read: ReadFile) => T;
  /** Hears of each change that was taken over. */
  readonly reloaded: (value: T) => void;
  /** Hears once of each change that cannot be used; the value stays what it was. */
  readonly kept: (cause: Error) => void;
}

/**
 * Looks by name, as whoever opens the file would: so it sees the swap of a link that a path leads through, as Kubernetes
 * does it, and a rename, and a file system that gives no notice.
 */
export class TlsFiles<T> implements Disposable {
  readonly #options: TlsFilesOptions<T>;
  #value: T;
  #paths: ReadonlySet<string> = new Set();
  /** What the files looked like when `#value` was made, or when they last failed to make one. */
  #known = "";
  #seen = "";
  #timer: Disposable | undefined;
  #closed = false;

  /** Throws a CertificateError where the files make no value now. */
  constructor(options: TlsFilesOptions<T>) {
    this.#options = options;
    this.#value = this.#make();
    void this.#look(true);
  }

  get value(): T {
    return this.#value;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
  }

  #make(): T {
    const paths = new Set<string>();
    const value = this.#options.make((path) => {
      paths.add(path);
      return readNow(path);
    });
    this.#paths = paths;
    return value;
  }

  async #look(isFirst: boolean): Promise<void> {
    const looks = await Promise.all([...this.#paths].map(lookOf));
    if (this.#closed) return;
    const look = looks.join("\n");
    if (isFirst) this.#known = look;
    else if (look !== this.#known && look === this.#seen) this.#reload(look);
    this.#seen = look;
    this.#timer = this.#options.clock.timer(FILE_POLL_MS, () => void this.#look(false));
  }

  #reload(look: string): void {
    this.#known = look;
    try {
      this.#value = this.#make();
    } catch (error) {
      return this.#options.kept(error instanceof Error ? error : new Error(String(error)));
    }
    this.#options.reloaded(this.#value);
  }
}

function readNow(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw CertificateError.unreadable(path, error);
  }
}

/** Changes with what stands at the path; a change within the clock's grain shows in the number or the size. */
async function lookOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return "absent";
  }
}
