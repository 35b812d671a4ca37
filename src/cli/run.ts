/** `linkspan run`: the daemon. */
import { count, showProblems } from "../config/problem-text.ts";
import type { Args, Command, CommandContext } from "./command.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./read-config.ts";

export const run: Command = {
  name: "run",
  summary: "Run the router that a configuration describes.",
  positionals: ["FILE"],
  flags: { demo: { doc: "Start the two instances of the quick start too, and say what to try." } },
  details: "FILE is a linkerd.yaml or the short form; `-` reads standard input. SIGTERM ends it after its requests.",
  examples: [
    "linkspan run linkerd.yaml",
    "linkspan run - < linkspan.yaml",
    "linkspan run config/quickstart.yaml --demo",
  ],
  run: runDaemon,
};

async function runDaemon(args: Args, context: CommandContext): Promise<number> {
  const [file = ""] = args.positionals;
  const config = await readConfig(file, context, "warning");
  const { warnings } = config;
  if (warnings.length > 0) {
    const next = `It runs all the same; see ${count(warnings.length, "warning")} again with: linkspan check ${file}`;
    context.io.err(`${showProblems(warnings, next, paintFor(context.io))}\n`);
  }
  return context.roots.startDaemon(config, context.io, { demo: args.flags["demo"] === true });
}
