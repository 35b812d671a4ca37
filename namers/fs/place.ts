/** One place below the root: nothing, a folder, or a service file and what it last said. */
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type AddressSet, failed, ok, pending, type Clock, type State } from "linkspan/plugin";
import type { FolderWatches } from "./folder-watch.ts";
import { isCutShort, LARGEST_FILE_BYTES, readServiceFile } from "./service-file.ts";

export type Seen =
  | { readonly kind: "missing" | "folder" }
  /** `content` is failed where the file cannot be read; what it said before is its follower's to keep. */
  | { readonly kind: "file"; readonly content: State<AddressSet>; readonly isLoss?: boolean };

/** A file whose time of change is this young may change again without its time moving. */
const RACY_MS = 100;

export interface PlaceOptions {
  readonly root: string;
  readonly file: string;
  readonly folders: FolderWatches;
  readonly clock: Clock;
  tell(state: State<Seen>): void;
}

/** Looks at construction and at every notice, one look at a time. */
export class Place implements Disposable {
  readonly #options: PlaceOptions;
  readonly #listening: Disposable;
  #looking = false;
  #again = false;
  #closed = false;
  #identity = "";
  #text = "";
  #content: State<AddressSet> = pending;
  #isLoss = false;

  constructor(options: PlaceOptions) {
    this.#options = options;
    this.#listening = options.folders.listen(dirname(options.file), () => this.look());
    this.look();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#listening[Symbol.dispose]();
  }

  look(): void {
    this.#again = true;
    if (!this.#looking && !this.#closed) void this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    this.#looking = true;
    while (this.#again && !this.#closed) {
      this.#again = false;
      const state = await this.#see();
      if (!this.#closed) this.#options.tell(state);
    }
    this.#looking = false;
  }

  /** What is not there is missing only if the root was the same, and there, before and after the look. */
  async #see(): Promise<State<Seen>> {
    const { root, file } = this.#options;
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        const before = identityOf(await rootStat(root));
        const found = await stat(file).catch(missing);
        if (found) return found.isFile() ? ok(await this.#read(found)) : ok({ kind: "folder" });
        if (identityOf(await rootStat(root)) === before) return ok(this.#forget());
      }
      return failed(new Error(`${root} changes faster than it can be read`));
    } catch (error) {
      return failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #forget(): Seen {
    this.#identity = "";
    this.#text = "";
    this.#content = pending;
    return { kind: "missing" };
  }

  async #read(found: Stats): Promise<Seen> {
    const identity = `${identityOf(found)}:${found.size}:${found.mtimeMs}:${found.ctimeMs}`;
    if (identity !== this.#identity) {
      await this.#readAgain(found);
      this.#identity = this.#options.clock.wall() - found.mtimeMs < RACY_MS ? "" : identity;
    }
    return { kind: "file", content: this.#content, isLoss: this.#isLoss };
  }

  async #readAgain(found: Stats): Promise<void> {
    if (found.size > LARGEST_FILE_BYTES) {
      this.#content = failed(new Error(`${this.#options.file} is larger than ${LARGEST_FILE_BYTES} bytes`));
      return;
    }
    const text = await readFile(this.#options.file, "utf8");
    try {
      const isLoss = isCutShort(text, this.#text);
      // The line at which it was cut says something else than was meant.
      this.#content = ok(readServiceFile(isLoss ? wholeLines(text) : text));
      this.#isLoss = isLoss;
      if (!isLoss) this.#text = text;
    } catch (error) {
      this.#content = failed(error as Error);
    }
  }
}

/** What the file says now, whatever it said before. Rejects where it cannot be read. */
export async function readPlace(file: string): Promise<AddressSet> {
  return readServiceFile(await readFile(file, "utf8"));
}

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);

async function rootStat(root: string): Promise<Stats> {
  const found = await stat(root);
  if (!found.isDirectory()) throw new Error(`${root} is not a directory`);
  return found;
}

const identityOf = (found: Stats): string => `${found.dev}:${found.ino}`;

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
