/** A store of small texts in a folder: one file a version, and the highest is the document. */
import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Clock,
  type Documents,
  type DocumentStore,
  failed,
  LARGEST_DOCUMENT,
  ok,
  type State,
  type StoredDocument,
  Var,
} from "linkspan/plugin";
import { FolderWatches, type FolderWatchTimes } from "./folder-watch.ts";

export interface DocumentFolderOptions {
  /** An absolute path. */
  readonly folder: string;
  /** As the configuration calls it. */
  readonly place: string;
  readonly clock: Clock;
  readonly times?: FolderWatchTimes;
}

/** `users.7.json` */
const FILE = /^([a-z0-9-]{1,40})\.(\d{1,15})\.json$/;
/** What was being written. */
const UNFINISHED = /^\.[0-9a-f-]{36}\.tmp$/;
/** One of this age was left by a process that died. */
const ABANDONED_MS = 60_000;
/** Versions that stay: a slow writer's next one must be taken still, so that it sees that it comes too late. */
const KEPT = 16;
const MOST_DOCUMENTS = 1_000;

/**
 * A version is a file of its own that is linked into place whole, which fails where another process was first. So what
 * is read is never half written, and needs no lock.
 */
export class DocumentFolder implements DocumentStore {
  readonly place: string;
  readonly documents: Var<Documents>;
  readonly #options: DocumentFolderOptions;
  readonly #folders: FolderWatches;
  #hasKnownAny = false;

  /** The folder is made where that can be: what is there can be watched, what is not must be looked for. */
  static async open(options: DocumentFolderOptions): Promise<DocumentFolder> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    await removeUnfinished(options.folder, options.clock.wall());
    return new DocumentFolder(options);
  }

  private constructor(options: DocumentFolderOptions) {
    this.place = options.place;
    this.#options = options;
    this.#folders = new FolderWatches(options.clock, options.times);
    const follow = (set: (state: State<Documents>) => void): Disposable =>
      new FollowedFolder(options.folder, this.#folders, (state) => {
        this.#hasKnownAny ||= state.tag === "ok" && state.value.size > 0;
        set(state);
      });
    this.documents = Var.source<Documents>(follow, { clock: options.clock });
  }

  async write(name: string, text: string, over: string | undefined): Promise<string | undefined> {
    const { folder } = this.#options;
    // One that had documents and is not there is away: another in its place would say that there are none.
    if (!this.#hasKnownAny) await mkdir(folder, { recursive: true, mode: 0o700 });
    const versions = (await versionsIn(folder)).get(name) ?? [];
    const newest = versions.at(-1);
    if ((newest === undefined ? undefined : String(newest)) !== over) return undefined;
    const next = (newest ?? 0) + 1;
    if (!(await linkWhole(folder, fileOf(name, next), text))) return undefined;
    for (const old of versions) if (old <= next - KEPT) await rm(join(folder, fileOf(name, old)), { force: true });
    return String(next);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever follows ends the watch.
  }
}

/** Looks at construction and at every notice, one look at a time. */
class FollowedFolder implements Disposable {
  readonly #folder: string;
  readonly #set: (state: State<Documents>) => void;
  readonly #listening: Disposable;
  #documents: Documents | undefined;
  #isLooking = false;
  #isOutdated = false;
  #isClosed = false;

  constructor(folder: string, folders: FolderWatches, set: (state: State<Documents>) => void) {
    this.#folder = folder;
    this.#set = set;
    this.#listening = folders.listen(folder, () => this.#look());
    this.#look();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#listening[Symbol.dispose]();
  }

  #look(): void {
    this.#isOutdated = true;
    if (!this.#isLooking) void this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    this.#isLooking = true;
    while (this.#isOutdated && !this.#isClosed) {
      this.#isOutdated = false;
      const state = await this.#read().catch((error: unknown) => failed(error as Error));
      if (!this.#isClosed) this.#set(state);
    }
    this.#isLooking = false;
  }

  /** A version never changes, so what is known of one is not read again. */
  async #read(): Promise<State<Documents>> {
    const known = this.#documents;
    const read = new Map<string, StoredDocument>();
    for (const [name, versions] of [...(await versionsIn(this.#folder))].slice(0, MOST_DOCUMENTS)) {
      const version = String(versions.at(-1));
      const before = known?.get(name);
      const document =
        before?.version === version ? before : await readVersion(join(this.#folder, fileOf(name, version)), version);
      if (document !== undefined) read.set(name, document);
    }
    const isSame = known?.size === read.size && [...read].every(([name, each]) => known.get(name) === each);
    this.#documents = isSame ? known : read;
    return ok(this.#documents);
  }
}

const fileOf = (name: string, version: number | string): string => `${name}.${version}.json`;

/** Ascending, by name. Rejects where there is no such folder: that says nothing of what was in it. */
async function versionsIn(folder: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const versions = new Map<string, number[]>();
  for (const file of await readdir(folder)) {
    const [, name, version] = FILE.exec(file) ?? [];
    if (name === undefined) continue;
    const known = versions.get(name);
    if (known === undefined) versions.set(name, [Number(version)]);
    else known.push(Number(version));
  }
  for (const each of versions.values()) each.sort((a, b) => a - b);
  return versions;
}

/** `undefined` where it is too large, or gone since it was listed: then a notice follows. */
async function readVersion(path: string, version: string): Promise<StoredDocument | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size > LARGEST_DOCUMENT) return undefined;
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : { text, version };
}

/** False where that file is there. It is on the disk when this resolves. */
async function linkWhole(folder: string, name: string, text: string): Promise<boolean> {
  const unfinished = join(folder, `.${randomUUID()}.tmp`);
  try {
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(unfinished, join(folder, name));
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Removes what writers left that died while they wrote. */
async function removeUnfinished(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!UNFINISHED.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > ABANDONED_MS)
      await rm(path, { force: true }).catch(() => undefined);
  }
}
