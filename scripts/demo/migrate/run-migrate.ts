/** Plays the walk-through for the command line, on real registries in a network of their own where there are any. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { isInOwnNetwork, missingForNetwork, nodeInOwnNetwork } from "../../../test/servers/netns.ts";
import { playWalk, type WalkShow } from "./play.ts";
import { missingForRealRegistries } from "./real-registries.ts";
import type { Wanted } from "./registries.ts";
import { WalkScreen } from "./screen.ts";

export const aboutMigrate =
  "Two services leave ZooKeeper for Kubernetes under load, by mirrors and shifts, until ZooKeeper is off.";

export interface MigrateOptions {
  readonly wanted: Wanted;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Resolves with the exit code. */
export async function runMigrate(options: MigrateOptions): Promise<number> {
  const { wanted, json, signal } = options;
  const missing = missingForRealRegistries();
  if (wanted === "real" && missing !== undefined) {
    process.stderr.write(`demo: no real registries: ${missing}\n`);
    return 1;
  }
  // No EndpointSlice has a loopback address: in a network of its own there are others, which lead here all the same.
  if (!isInOwnNetwork() && missingForNetwork() === undefined) return again();
  using screen = json ? undefined : new WalkScreen(process.stdout);
  const played = await playWalk(screen ?? silent, wanted, signal);
  if (screen) screen.end();
  else process.stdout.write(`${JSON.stringify(played)}\n`);
  return 0;
}

const silent: WalkShow = {
  step: () => undefined,
  said: () => undefined,
  typed: () => undefined,
  file: () => undefined,
  follow: () => undefined,
};

/** The same command, in a network of its own. */
async function again(): Promise<number> {
  const inside = nodeInOwnNetwork(process.argv.slice(1));
  const child = spawn(inside.command, inside.args, { stdio: "inherit", env: { ...process.env, ...inside.env } });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
