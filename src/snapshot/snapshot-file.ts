/** The file of a snapshot: a line that says what it is, the entries, and a checksum over both. */
import { createHash, randomUUID } from "node:crypto";
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Grows when lines change their meaning: another version is not read. */
const VERSION = 1;
const HEAD = "linkspan snapshot ";
const FOOT = "sha256 ";
/** Of a file; a larger one is neither written nor read. */
export const LARGEST_BYTES = 128 * 1024 * 1024;
/** Written at once, so that no turn is long. */
const CHUNK = 256 * 1024;
/** An unfinished file of this age was left by a process that died. */
const ABANDONED_MS = 60_000;

/** The file is not to be used; the message says why. */
export class SnapshotRefused extends Error {
  override readonly name = "SnapshotRefused";
}

export interface Snapshot {
  readonly lines: readonly string[];
  /** Epoch ms of the last writing or touching. */
  readonly writtenAt: number;
  /** Its checksum. */
  readonly sum: string;
}

export interface Written {
  readonly bytes: number;
  readonly sum: string;
  /** Entries that had no room. */
  readonly left: number;
}

/** `undefined` when there is none. Rejects with SnapshotRefused, or with the system's error. */
export async function readSnapshot(path: string): Promise<Snapshot | undefined> {
  const found = await stat(path).catch(missing);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new SnapshotRefused("it is not a file");
  if (found.size > LARGEST_BYTES) throw new SnapshotRefused(`it is larger than ${LARGEST_BYTES} bytes`);
  const bytes = await readFile(path);
  const footAt = bytes.lastIndexOf("\n", bytes.length - 2) + 1;
  const head = bytes.toString("latin1", 0, Math.min(footAt, 64)).split("\n", 1)[0] ?? "";
  if (!head.startsWith(HEAD)) throw new SnapshotRefused("it does not begin as a snapshot does");
  const version = head.slice(HEAD.length);
  if (version !== `${VERSION}`) throw new SnapshotRefused(`it has version ${version}, and ${VERSION} is read`);
  const foot = bytes.toString("latin1", footAt);
  if (!/^sha256 [0-9a-f]{64}\n$/.test(foot)) throw new SnapshotRefused("it is cut short");
  const sum = createHash("sha256").update(bytes.subarray(0, footAt)).digest("hex");
  if (foot !== `${FOOT}${sum}\n`) throw new SnapshotRefused("its checksum does not fit");
  const lines = bytes.toString("utf8", head.length + 1, footAt).split("\n");
  lines.pop();
  return { lines, writtenAt: found.mtimeMs, sum };
}

/**
 * Puts the lines, each with its end, in place of the file at once or not at all. They are taken a few at a time, with
 * other work between. Rejects with the system's error.
 */
export async function writeSnapshot(path: string, lines: Iterable<string>): Promise<Written> {
  return replaced(path, (file) => fill(file, lines));
}

/** What `fill` writes stands in place of the file at once or not at all. Rejects with what it rejects with, or the system's error. */
export async function replaced<T>(path: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(unfinished, "wx", 0o600);
    let filled: T;
    try {
      filled = await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(unfinished, 0o600);
    await rename(unfinished, path);
    await syncFolder(folder);
    return filled;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Removes what writers left that died while they wrote. */
export async function removeUnfinished(path: string, now: number): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(`${basename(path)}.`) || !name.endsWith(".tmp")) continue;
    const file = join(folder, name);
    const found = await stat(file).catch(missing);
    if (found !== undefined && now - found.mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}

async function fill(file: FileHandle, lines: Iterable<string>): Promise<Written> {
  const hash = createHash("sha256");
  let bytes = 0;
  const put = async (text: string): Promise<void> => {
    const chunk = Buffer.from(text, "utf8");
    hash.update(chunk);
    bytes += chunk.length;
    await file.appendFile(chunk);
  };
  let chunk = `${HEAD}${VERSION}\n`;
  let left = 0;
  for (const line of lines) {
    // Three bytes are the most that UTF-8 needs for a unit of a string.
    if (bytes + 3 * (chunk.length + line.length) > LARGEST_BYTES - 128) left++;
    else chunk += line;
    if (chunk.length < CHUNK) continue;
    await put(chunk);
    chunk = "";
  }
  await put(chunk);
  const sum = hash.digest("hex");
  await file.appendFile(`${FOOT}${sum}\n`);
  return { bytes, sum, left };
}

/** The new name itself must survive a loss of power, where the file system can say so. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** A file that is not there is no error. */
export function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
