/** Asks a router about one of its registries, for `usage` and `decommission`. */
import { parseDuration } from "../config/units.ts";
import { type AdminAnswer, askAdmin } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type CommandContext, type Flag } from "./command.ts";

export const sinceFlag: Flag = { doc: "How far back; 30d if it is not said.", value: "TIME" };

/** Throws UsageError where the router knows no such source; `undefined` where it cannot be asked, and the terminal was told. */
export async function askSource(
  command: string,
  path: string,
  source: string,
  args: Args,
  context: CommandContext,
): Promise<AdminAnswer | undefined> {
  const sinceMs = parseDuration(textFlag(args, "since") ?? "30d");
  if (sinceMs === undefined) throw new UsageError("--since: expected a time such as 30d", `linkspan ${command} --help`);
  const query = new URLSearchParams({ source, sinceMs: `${sinceMs}` });
  const answer = await askAdmin(command, args, context, `${path}?${query.toString()}`);
  if (answer === undefined || answer.status === 200) return answer;
  const { error, sources = [] } = answer.data as { readonly error?: string; readonly sources?: readonly string[] };
  const known = sources.length === 0 ? "" : `; there are ${sources.join(", ")}`;
  throw new UsageError(`${error ?? `the router answered ${answer.status}`}${known}`, `linkspan ${command} --help`);
}
