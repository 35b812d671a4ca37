/** The plugin `io.l5d.fs`: service files in a folder. */
import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { definePlugin, s } from "linkspan/plugin";

const schema = s.object({
  rootDir: s.string({ doc: "The folder of the service files; relative to the configuration file." }),
});

const fs = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.fs",
  schema,
  async create(config, context) {
    const root = resolve(context.baseDir, config.rootDir);
    refuseUnusable(root, config.rootDir);
    // Threads that only read the configuration do not load it.
    const { FsNamer } = await import("./namer.ts");
    return new FsNamer({ root }, context);
  },
});

export default fs;

/** A folder that is missing may come later; one that may not be read, or something else in its place, is a mistake. */
function refuseUnusable(root: string, written: string): void {
  const found = statSync(root, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory()) throw new Error(`rootDir ${written} is not a directory`);
  try {
    accessSync(root, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`rootDir ${written} may not be read`, { cause: error });
  }
}
