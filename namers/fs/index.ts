/** The plugins `io.l5d.fs`: a namer of service files in a folder, an interpreter whose dtab is in a file, and a store. */
import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { definePlugin, s } from "linkspan/plugin";

const schema = s.object({
  rootDir: s.string({ doc: "The folder of the service files; relative to the configuration file." }),
});

const dtabSchema = s.object({
  dtabFile: s.string({
    doc: "The file with the dtab, which lies below the router's own; relative to the configuration file.",
  }),
});

export const fsNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.fs",
  schema,
  folderKey: "rootDir",
  async create(config, context) {
    const root = resolve(context.baseDir, config.rootDir);
    refuseUnusable(root, config.rootDir);
    // Threads that only read the configuration do not load it.
    const { FsNamer } = await import("./namer.ts");
    return new FsNamer({ root }, context);
  },
});

export const fsInterpreter = definePlugin({
  api: 1,
  family: "interpreter",
  kind: "io.l5d.fs",
  schema: dtabSchema,
  dtabFileKey: "dtabFile",
  async create({ dtabFile }, context) {
    const file = resolve(context.baseDir, dtabFile);
    refuseNoFile(file, dtabFile);
    const { DtabFile } = await import("./dtab-file.ts");
    return context.interpret(new DtabFile({ file, place: dtabFile, clock: context.clock }));
  },
});

const storeSchema = s.object({
  folder: s.string({
    doc: "The folder of the documents, which daemons of one host share; relative to the configuration file.",
  }),
});

export const fsStore = definePlugin({
  api: 1,
  family: "store",
  kind: "io.l5d.fs",
  schema: storeSchema,
  async create({ folder }, { baseDir, collection, clock }) {
    const { DocumentFolder } = await import("./document-folder.ts");
    return DocumentFolder.open({ folder: resolve(baseDir, folder, collection), place: folder, clock });
  },
});

export default [fsNamer, fsInterpreter, fsStore];

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

/** A file that is missing may come later. */
function refuseNoFile(file: string, written: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new Error(`dtabFile ${written} is not a file`);
}
