/** Looks into the files that interpreters have their dtabs from. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { atOnce } from "../base/turn.ts";
import type { Config, RouterConfig } from "./config.ts";
import type { ProblemList } from "./config-error.ts";
import { checkDtab } from "./dtab-check.ts";
import type { At } from "./field.ts";
import { SchemaError } from "./plugin.ts";
import { dtabField } from "./dtab-field.ts";
import { servedBy, systemKindsOf } from "./semantics.ts";
import { Source } from "./source.ts";

type Parts = Pick<Config, "routers" | "written" | "registry" | "baseDir">;

/** Adds every problem, under the name that the configuration has for the file; one that is not there may come later. */
export function checkDtabFiles(config: Parts, problems: ProblemList): void {
  for (const [index, router] of config.routers.entries()) {
    const { plugin, config: written } = router.interpreter;
    const { dtabFileKey: key } = plugin;
    const file = key === undefined ? undefined : (written as Readonly<Record<string, unknown>>)[key];
    if (key === undefined || typeof file !== "string") continue;
    const text = readOr(file, config.baseDir, ["routers", index, "interpreter", key], problems);
    if (text !== undefined) checkText(text, file, router, config, problems);
  }
}

function readOr(file: string, baseDir: string, at: At, problems: ProblemList): string | undefined {
  const path = resolve(baseDir, file);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      const message = `there is no file ${file}: names that it leads wait until it is there`;
      problems.add({ at, code: "file.absent", message }, [], "warning");
    } else if (found.isFile()) return readFileSync(path, "utf8");
    else problems.add({ at, message: `${file} is not a file`, expected: "a file with a dtab" });
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    problems.add({ at, code: "file.absent", message: `${file} cannot be read (${why})` }, [], "warning");
  }
  return undefined;
}

function checkText(text: string, file: string, router: RouterConfig, config: Parts, problems: ProblemList): void {
  const end = text.length;
  const root = { kind: "scalar", value: text, text, start: 0, end, locate: (offset: number) => offset } as const;
  const inFile = problems.of(new Source(file, text, root));
  try {
    dtabField.parse(text);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    for (const problem of error.problems) inFile.add(problem);
    return;
  }
  const { dstPrefix, dtab } = router;
  const served = servedBy(config.written);
  const systemKinds = systemKindsOf(config.registry);
  atOnce(checkDtab({ text, at: [], dstPrefix, served, systemKinds, over: dtab, isWhole: true }, inFile));
}
