/** Where a daemon can be asked to hand over: a socket in a folder that only its user can enter. */
import { lstatSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** By which the doors of one daemon are told from those of others. */
export interface FirstServer {
  readonly ip: string;
  readonly port: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of this user. It need not exist. */
export function doorFolder(environment: Environment, uid: number): string {
  const given = environment["RUNTIME_DIRECTORY"]?.split(":")[0];
  if (given) return given;
  const ofUser = environment["XDG_RUNTIME_DIR"];
  return ofUser ? join(ofUser, "linkspan") : join(tmpdir(), `linkspan-${uid}`);
}

/** Makes the folder where it is missing. Throws an Error that says why others could get at what is in it. */
export function openFolder(folder: string, uid: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { isDirectory, uid: owner, mode } = about(folder);
  if (!isDirectory) throw new Error(`${folder} is no folder`);
  if (owner !== uid) throw new Error(`${folder} belongs to user ${owner}, not to ${uid}`);
  if ((mode & 0o022) !== 0) throw new Error(`${folder} can be written by other users`);
}

function about(folder: string): { isDirectory: boolean; uid: number; mode: number } {
  const stat = lstatSync(folder);
  return { isDirectory: stat.isDirectory(), uid: stat.uid, mode: stat.mode };
}

/** Of several daemons the last one takes it away. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not empty; or gone already; or made, and owned, by somebody else: systemd removes its own.
    if (code !== "ENOTEMPTY" && code !== "ENOENT" && code !== "EACCES" && code !== "EBUSY") throw error;
  }
}

/** What the doors of daemons with these servers begin with; they end with the process's number. */
const doorPrefix = ({ ip, port }: FirstServer): string => `${ip.replaceAll(":", "_")}-${port}.`;

const madeAt = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export function doorPath(folder: string, server: FirstServer, pid: number): string {
  return join(folder, `${doorPrefix(server)}${pid}.sock`);
}

/** Of all daemons with that server, perhaps dead ones too; the newest process last. */
export function doorsOf(folder: string, server: FirstServer): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const prefix = doorPrefix(server);
  const doors = names.filter((name) => name.startsWith(prefix) && name.endsWith(".sock"));
  return doors.map((name) => join(folder, name)).sort((a, b) => madeAt(a) - madeAt(b));
}
