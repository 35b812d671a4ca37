/** Opens what a daemon remembers of its names, and the file that outlives it. */
import { dirname, join, resolve } from "node:path";
import type { Scope } from "./base/scope.ts";
import type { Config } from "./config/config.ts";
import type { World } from "./naming-root.ts";
import { Memory } from "./snapshot/memory.ts";
import { SnapshotKeeper } from "./snapshot/snapshot-keeper.ts";

/** With what an earlier process left. `owner` closes it: give it whatever watches names after this. */
export async function openMemory(config: Config, { clock, log, env }: World, owner: Scope): Promise<Memory> {
  const { intervalMs, keepMs } = config.snapshot;
  const memory = new Memory();
  const path = placeOf(config, env["STATE_DIRECTORY"]);
  owner.own(await SnapshotKeeper.open({ memory, path, intervalMs, keepMs, clock, log }));
  return memory;
}

/** Where what outlives a daemon lies: beside the snapshot. `undefined` where nobody says a place. */
export function stateFolder(config: Config, { env }: World): string | undefined {
  const snapshot = placeOf(config, env["STATE_DIRECTORY"]);
  return snapshot === undefined ? undefined : dirname(snapshot);
}

/** systemd names several folders with colons between; the first is the unit's own. */
function placeOf({ snapshot, baseDir }: Config, stateDirectory: string | undefined): string | undefined {
  if (snapshot.path !== undefined) return resolve(baseDir, snapshot.path);
  const folder = stateDirectory?.split(":", 1)[0];
  return folder ? join(folder, "snapshot") : undefined;
}
