/** Puts a file aside under the name of its time, whoever else does so at that moment, and removes the oldest of them. */
import { randomUUID } from "node:crypto";
import { link, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

/** So many files of one time are told apart by a number. */
const MOST_OF_A_TIME = 1_000;

/** File systems without a second name for a file. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * `access.log` becomes `access-TIME.log`, or `access-TIME.1.log` where that is there. No file is ever written over: it
 * leaves its place by a name that nobody else knows, which only one of several can give it. Where another was first,
 * nothing happens.
 */
export async function putAside(path: string, time: string): Promise<void> {
  const own = `${path}.${randomUUID()}`;
  try {
    await rename(path, own);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  try {
    for (let number = 0; number < MOST_OF_A_TIME; number++) {
      if (await named(own, asideOf(path, time, number))) return;
    }
    throw new Error(`there are ${MOST_OF_A_TIME} files of ${time} beside ${path}`);
  } catch (error) {
    // Where that cannot be done either, or another has begun a new file, it keeps the name that it has.
    await link(own, path).then(
      () => rm(own),
      () => undefined,
    );
    throw error;
  }
}

async function named(own: string, target: string): Promise<boolean> {
  try {
    await link(own, target);
    await rm(own);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!NO_LINKS.has(codeOf(error) ?? "")) throw error;
  }
  const isThere = await stat(target).then(
    () => true,
    () => false,
  );
  if (!isThere) await rename(own, target);
  return !isThere;
}

/** Removes all but the `keep` newest that were put aside. */
export async function removeOldest(path: string, keep: number): Promise<void> {
  const folder = dirname(path);
  const aside = (await readdir(folder)).flatMap((name) => readAside(path, name) ?? []);
  aside.sort((a, b) => (a.time === b.time ? a.number - b.number : a.time < b.time ? -1 : 1));
  const old = aside.slice(0, Math.max(0, aside.length - keep));
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

function asideOf(path: string, time: string, number: number): string {
  const end = extname(path);
  return `${path.slice(0, path.length - end.length)}-${time}${number === 0 ? "" : `.${number}`}${end}`;
}

interface Aside {
  readonly name: string;
  readonly time: string;
  readonly number: number;
}

/** Only what can be such a name: other files that begin alike are somebody else's. */
function readAside(path: string, name: string): Aside | undefined {
  const end = extname(path);
  const start = `${basename(path, end)}-`;
  if (!name.startsWith(start) || !name.endsWith(end)) return undefined;
  const middle = name.slice(start.length, name.length - end.length);
  const [, time, number = "0"] = /^(\d{8}(?:-\d{2}(?:\d{4})?)?)(?:\.(\d+))?$/.exec(middle) ?? [];
  return time === undefined ? undefined : { name, time, number: Number(number) };
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
