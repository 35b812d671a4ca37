/** `linkspan import`: a linkerd.yaml in the short form, and what became of each of its keys. */
import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { type Imported, importLinkerd } from "../config/import/import-linkerd.ts";
import type { Fate, ReportLine } from "../config/import/import-report.ts";
import { readConfigText } from "../config/load.ts";
import { problemData } from "../config/problem-data.ts";
import { type Args, type Command, type CommandContext, textFlag, UsageError } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

export const importCommand: Command = {
  name: "import",
  summary: "Write a linkerd.yaml in the short form, as far as it can be said in it.",
  positionals: ["FILE"],
  flags: {
    output: {
      doc: "Write the file there, if there is none yet; else it goes to standard output.",
      value: "FILE",
      short: "o",
      choices: ["file"],
    },
    json: { doc: "Print the report as JSON, with the file as a text unless --output has it." },
  },
  details:
    "FILE is a linkerd.yaml; `-` reads standard input. Names lead where they led: what the short form cannot say stays as\n" +
    "it is, in the same file. The report, on standard error, says of each key whether it means the same, changed, or is\n" +
    "not in this version and left out. Exit codes: 0 done, 1 something was left out, 2 usage, 78 FILE has mistakes.",
  examples: [
    "linkspan import linkerd.yaml",
    "linkspan import linkerd.yaml --output linkspan.yaml",
    "linkspan import --json linkerd.yaml",
  ],
  run: runImport,
};

async function runImport(args: Args, context: CommandContext): Promise<number> {
  const [file = ""] = args.positionals;
  if (args.flags["json"] === true) return importJson(file, textFlag(args, "output"), context);
  const imported = await importFile(file, context);
  const output = textFlag(args, "output");
  if (output === undefined) context.io.out(imported.text);
  else await write(output, imported.text);
  context.io.err(showReport(imported.report, file, output));
  return codeOf(imported);
}

async function importJson(file: string, output: string | undefined, context: CommandContext): Promise<number> {
  const print = (value: object): void => context.io.out(`${JSON.stringify(value, undefined, 2)}\n`);
  try {
    const imported = await importFile(file, context);
    const { text, report } = imported;
    if (output !== undefined) await write(output, text);
    print({ ok: codeOf(imported) === exitCodes.ok, report, ...(output === undefined ? { text } : {}) });
    return codeOf(imported);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    print({ ok: false, problems: error.problems.map(problemData) });
    return exitCodes.config;
  }
}

async function importFile(file: string, { io, roots: { builtins } }: CommandContext): Promise<Imported> {
  const isInput = file === "-";
  const text = isInput ? await io.input() : await readConfigText(file);
  return importLinkerd(text, { file, baseDir: isInput ? process.cwd() : dirname(resolve(file)), builtins });
}

/** Never over another file. */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const why = code === "EEXIST" ? "there is such a file already" : `it cannot be written (${code})`;
    throw new UsageError(`--output ${file}: ${why}`, "linkspan import FILE --output ANOTHER");
  }
}

function codeOf({ report }: Imported): number {
  return report.some(({ fate }) => fate === "refused") ? exitCodes.problem : exitCodes.ok;
}

function showReport(report: readonly ReportLine[], file: string, output: string | undefined): string {
  const rows = report.map(({ fate, line, key, to = "-", note = "" }) => [fate, String(line), key, to, note]);
  const count = (fate: Fate): string => `${report.filter((each) => each.fate === fate).length} ${fate}`;
  const moved = output !== undefined && file !== "-" && dirname(resolve(file)) !== dirname(resolve(output));
  return [
    `\n${showTable(["", "LINE", "KEY", "NOW", ""], rows)}`,
    `${count("same")}, ${count("changed")}, ${count("refused")}.`,
    moved ? `Paths in ${output} begin in its own folder, and not in that of ${file}.` : "",
    `Next: ${output === undefined ? `linkspan import ${file} --output linkspan.yaml` : `linkspan check ${output}`}\n`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}
