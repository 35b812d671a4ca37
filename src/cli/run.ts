/** `linkspan run`: the daemon. */
import { count, showProblems } from "../config/problem-text.ts";
import type { Config } from "../config/config.ts";
import { type Args, type Command, type CommandContext, UsageError } from "./command.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./read-config.ts";
import { exitCodes } from "./roots.ts";

export const run: Command = {
  name: "run",
  summary: "Run the router that a configuration describes.",
  positionals: ["FILE"],
  flags: {
    "take-over": {
      doc: "Have a new process with FILE take over from the daemon that runs: its sockets, so that no caller is refused.",
    },
    json: { doc: "With --take-over: print the new process as JSON." },
    "no-watch": { doc: "Do not take up FILE when it changes; `linkspan reload` and SIGHUP still do." },
    demo: { doc: "Start the two instances of the quick start too, and say what to try." },
  },
  details:
    "FILE is a linkerd.yaml or the short form; `-` reads standard input. SIGTERM ends it after its requests. When FILE\n" +
    "changes, and on SIGHUP, what differs is taken up without a failed request; a FILE with a mistake changes nothing.",
  examples: [
    "linkspan run linkerd.yaml",
    "linkspan run - < linkspan.yaml",
    "linkspan run --take-over linkspan.yaml",
    "linkspan run config/quickstart.yaml --demo",
  ],
  run: runDaemon,
};

async function runDaemon(args: Args, context: CommandContext): Promise<number> {
  const [file = ""] = args.positionals;
  const config = await readConfig(file, context, "before running");
  const { warnings } = config;
  if (warnings.length > 0) {
    const next = `It runs all the same; see ${count(warnings.length, "warning")} again with: linkspan check ${file}`;
    context.io.err(`${showProblems(warnings, next, paintFor(context.io))}\n`);
  }
  if (args.flags["take-over"] === true) return takeOver(args, config, context);
  return context.roots.startDaemon(config, context.io, {
    demo: args.flags["demo"] === true,
    watch: args.flags["no-watch"] !== true,
  });
}

async function takeOver(args: Args, config: Config, { io, roots }: CommandContext): Promise<number> {
  const [file = ""] = args.positionals;
  if (file === "-")
    throw new UsageError("--take-over needs a file: the new process reads it again", "linkspan run --help");
  const result = await roots.takeOver(config, (pid) => io.err(`process ${pid} starts\n`));
  if ("pid" in result) {
    const { pid } = result;
    io.out(args.flags["json"] === true ? `${JSON.stringify({ pid })}\n` : `process ${pid} serves\n`);
    return exitCodes.ok;
  }
  const { problem, isNobodyHome } = result;
  const next = isNobodyHome ? `linkspan run ${file}` : "read the log of the running daemon; it serves on as before";
  const code = isNobodyHome ? "takeover.nobody" : "takeover.failed";
  io.err(`linkspan: ${problem} (${code})\nNext: ${next}\n`);
  return isNobodyHome ? exitCodes.unreachable : exitCodes.problem;
}
