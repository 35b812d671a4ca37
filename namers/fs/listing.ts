/** The names of the service files directly below the root, as they come and go. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { failed, ok, Path, type State } from "linkspan/plugin";
import type { FolderWatches } from "./folder-watch.ts";

/** Hidden files, such as the `..data` of a Kubernetes volume, are no names. */
export function listNames(
  root: string,
  folders: FolderWatches,
  set: (state: State<readonly Path[]>) => void,
): Disposable {
  let closed = false;
  let looks = 0;
  const look = async (): Promise<void> => {
    const mine = ++looks;
    const state = await list(root);
    // A look that began later has the newer answer.
    if (!closed && mine === looks) set(state);
  };
  const listening = folders.listen(root, () => void look());
  void look();
  return {
    [Symbol.dispose]: () => {
      closed = true;
      listening[Symbol.dispose]();
    },
  };
}

async function list(root: string): Promise<State<readonly Path[]>> {
  try {
    const visible = (await readdir(root)).filter((name) => !name.startsWith(".")).sort();
    const isFile = await Promise.all(visible.map((name) => isFileAt(join(root, name))));
    return ok(visible.filter((_, at) => isFile[at]).map(pathOf));
  } catch (error) {
    return failed(error instanceof Error ? error : new Error(String(error)));
  }
}

async function isFileAt(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Gone between the listing and the look at it.
    return false;
  }
}

/** A path's elements are bytes. */
const pathOf = (name: string): Path => Path.of(Buffer.from(name, "utf8").toString("latin1"));
