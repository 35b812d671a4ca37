/** `linkspan reload`: has a running router read its file again. */
import { showProblems } from "../config/problem-text.ts";
import type { ReloadReport } from "../reload/report.ts";
import { adminFlag, askAdmin } from "./ask-admin.ts";
import type { Args, Command, CommandContext } from "./command.ts";
import { paintFor } from "./paint.ts";
import { exitCodes } from "./roots.ts";
import { showChanges } from "./show-changes.ts";

export const reload: Command = {
  name: "reload",
  summary: "Have a running router read its file again, and take up what differs.",
  positionals: [],
  flags: {
    admin: adminFlag,
    json: { doc: "Print what the admin port says." },
  },
  details:
    "No socket is closed that the file still names, and no request fails. A file with a mistake changes nothing. It works\n" +
    "from the router's own host. Exits 0 when the router runs what the file says, 1 when something could not be opened,\n" +
    "3 when the router cannot be reached or has no file, 78 when the file has mistakes.",
  examples: ["linkspan reload", "linkspan reload --admin http://127.0.0.1:9991 --json"],
  run: runReload,
};

async function runReload(args: Args, context: CommandContext): Promise<number> {
  const answer = await askAdmin("reload", args, context, "/admin/reload", "POST");
  if (answer === undefined) return exitCodes.unreachable;
  const { io } = context;
  if (answer.status !== 200 && answer.status !== 422) {
    const { error } = answer.data as { readonly error?: string };
    io.err(`linkspan: ${error ?? `the router answered ${answer.status}`}\nNext: linkspan run FILE\n`);
    return exitCodes.unreachable;
  }
  const report = answer.data as ReloadReport;
  if (args.flags["json"] === true) io.out(answer.text);
  else tell(report, context);
  if (report.result !== "refused") return exitCodes.ok;
  return report.problems.length > 0 ? exitCodes.config : exitCodes.problem;
}

function tell(
  { result, changes, problems, cause, revision, ms, needsRestart }: ReloadReport,
  { io }: CommandContext,
): void {
  if (result === "refused" && problems.length === 0) {
    io.err(
      `linkspan: nothing was changed: ${cause ?? "no reason was given"}\nNext: mend that, then: linkspan reload\n`,
    );
    return;
  }
  if (problems.length > 0) {
    const next = result === "refused" ? "Nothing was changed. Mend it, then: linkspan reload" : "It runs all the same.";
    io.err(`${showProblems(problems, next, paintFor(io))}\n`);
  }
  if (result === "unchanged") io.out(`The file means what runs (revision ${revision}).\n`);
  if (result === "applied") io.out(`${showChanges(changes)}Revision ${revision}, in ${ms} ms.\n`);
  if (needsRestart.length > 0) {
    io.err(`Not taken up: ${needsRestart.join(", ")}.\nNext: linkspan run --take-over FILE\n`);
  }
}
