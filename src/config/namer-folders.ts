/** Looks for the folders that namers read. */
import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Config } from "./config.ts";
import type { ProblemList } from "./config-error.ts";

/** Adds every problem, at the key that names the folder; one that is not there may come later. */
export function checkNamerFolders(
  { namers, baseDir }: Pick<Config, "namers" | "baseDir">,
  problems: ProblemList,
): void {
  for (const [index, { plugin, config }] of namers.entries()) {
    const { folderKey: key } = plugin;
    const folder = key === undefined ? undefined : (config as Readonly<Record<string, unknown>>)[key];
    if (key === undefined || typeof folder !== "string") continue;
    const path = resolve(baseDir, folder);
    const about = { at: ["namers", index, key], expected: "a folder, relative to that of the configuration file" };
    const found = kindOf(path);
    if (found === "absent") {
      const where = isAbsolute(folder) ? folder : `${folder} (${path})`;
      const message = `there is no folder ${where}: names in it wait until it is there`;
      problems.add({ ...about, code: "file.absent", message }, [], "warning");
    } else if (found === "other") problems.add({ ...about, message: `${folder} is not a folder` });
  }
}

function kindOf(path: string): "folder" | "other" | "absent" {
  try {
    return statSync(path).isDirectory() ? "folder" : "other";
  } catch {
    return "absent";
  }
}
