/** Finds out who is behind a door, and takes those away that killed daemons left. */
import { readdirSync, rmSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";

/** A start takes no more of them away than that: the next one takes more. */
const MOST_REMOVED = 256;

/** A connection to the daemon; without one where it is not there, and then its door goes. */
export function knock(door: string): Promise<net.Socket | undefined> {
  const socket = net.connect(door);
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // A daemon that is too busy to answer, or another user's, is there.
      if (error.code === "ECONNREFUSED") rmSync(door, { force: true });
      resolve(undefined);
    });
  });
}

/** Takes away whatever doors are in the folder whose process is gone, and where nobody listens: a container has numbers of its own. */
export async function removeAbandoned(folder: string): Promise<void> {
  const doors = readdirSync(folder).filter((name) => isGone(/\.(\d{1,10})\.sock$/.exec(name)?.[1]));
  for (const door of doors.slice(0, MOST_REMOVED)) (await knock(join(folder, door)))?.destroy();
}

function isGone(pid: string | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
