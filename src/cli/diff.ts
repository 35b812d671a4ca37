/** `linkspan diff`: what another configuration would change, object by object. */
import { readFile } from "node:fs/promises";
import { diffConfigs } from "../config/config-diff.ts";
import { ConfigError } from "../config/config-error.ts";
import { UnreadableFile } from "../config/load.ts";
import { showProblems } from "../config/problem-text.ts";
import { type DiffReport, restartsOf } from "../reload/report.ts";
import { adminFlag, askAdmin } from "./ask-admin.ts";
import { type Args, type Command, type CommandContext, UsageError } from "./command.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./read-config.ts";
import { exitCodes } from "./roots.ts";
import { showChanges } from "./show-changes.ts";

const HELP = "linkspan diff --help";

export const diff: Command = {
  name: "diff",
  summary: "Show what a configuration would change, against a running router or another file.",
  positionals: ["FILE", "[NEW]"],
  flags: {
    admin: adminFlag,
    json: { doc: "Print the changes as JSON." },
  },
  details:
    "With one FILE: what a reload of the router at --admin would change, were FILE in its place; nothing is changed. With\n" +
    "two: what NEW changes of FILE, without a router. Secrets show as stars. Exits 0 when nothing would change, 1 when\n" +
    "something would, 3 when the router cannot be reached, 78 when a file has mistakes.",
  examples: [
    "linkspan diff linkspan.yaml",
    "linkspan diff linkspan.yaml --admin http://127.0.0.1:9991 --json",
    "linkspan diff old.yaml new.yaml",
  ],
  async run(args, context) {
    const [file = "", next] = args.positionals;
    if (next !== undefined && args.flags["admin"] !== undefined) {
      throw new UsageError("two files are compared without a router: leave --admin out", HELP);
    }
    const report = next === undefined ? await asked(file, args, context) : await compared(file, next, context);
    return report === undefined ? exitCodes.unreachable : tell(report, args, context);
  },
};

/** By the router: exactly what it would do. */
async function asked(file: string, args: Args, context: CommandContext): Promise<DiffReport | undefined> {
  const text = file === "-" ? await context.io.input() : await readText(file);
  const answer = await askAdmin("diff", args, context, "/admin/diff", "POST", { file, text });
  if (answer === undefined) return undefined;
  if (answer.status === 200 || answer.status === 422) return answer.data as DiffReport;
  const { error } = answer.data as { readonly error?: string };
  context.io.err(`linkspan: ${error ?? `the router answered ${answer.status}`}\nNext: linkspan diff OLD NEW\n`);
  return undefined;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UnreadableFile(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

async function compared(old: string, next: string, context: CommandContext): Promise<DiffReport> {
  const before = await readConfig(old, context);
  try {
    const after = await readConfig(next, context);
    const changes = diffConfigs(before, after);
    return { ok: true, changes, needsRestart: restartsOf(changes), problems: after.warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ok: false, changes: [], needsRestart: [], problems: error.problems };
  }
}

function tell(report: DiffReport, { flags }: Args, { io }: CommandContext): number {
  const { ok, changes, problems, cause } = report;
  if (flags["json"] === true) io.out(`${JSON.stringify(report, undefined, 2)}\n`);
  else if (!ok) {
    const next = "Mend it, then: linkspan diff";
    io.err(problems.length > 0 ? `${showProblems(problems, next, paintFor(io))}\n` : `linkspan: ${cause}\n`);
  } else io.out(changes.length === 0 ? "Nothing would change.\n" : showChanges(changes));
  if (!ok) return exitCodes.config;
  return changes.length === 0 ? exitCodes.ok : exitCodes.problem;
}
