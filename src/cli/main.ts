/** The command line: finds the command, runs it, and turns mistakes into sentences and exit codes. */
import { ConfigError } from "../config/config-error.ts";
import { PluginNotCreated } from "../config/create-plugin.ts";
import { UnreadableFile } from "../config/load.ts";
import { nearest } from "../config/nearest.ts";
import { showProblems } from "../config/problem-text.ts";
import { check } from "./check.ts";
import { parseCommandLine, UsageError, type Command, type CommandContext } from "./command.ts";
import { completionOf } from "./completion.ts";
import { decommission } from "./decommission.ts";
import { diff } from "./diff.ts";
import { drift } from "./drift.ts";
import { explain } from "./explain.ts";
import { guard } from "./guard.ts";
import { generalHelp, helpOf } from "./help.ts";
import { importCommand } from "./import.ts";
import { keepAlive } from "./keep-alive.ts";
import { mirror } from "./mirror.ts";
import { names } from "./names.ts";
import { paintFor } from "./paint.ts";
import { reload } from "./reload.ts";
import { exitCodes, type CliIo, type Roots } from "./roots.ts";
import { run } from "./run.ts";
import { shift } from "./shift.ts";
import { usage } from "./usage.ts";
import { why } from "./why.ts";

const completion: Command = completionOf(() => commands);

const help: Command = {
  name: "help",
  summary: "Show what there is, or how a command is used.",
  positionals: ["[COMMAND]"],
  flags: {},
  details: "",
  examples: ["linkspan help", "linkspan help explain"],
  run({ positionals: [name] }, { io }) {
    io.out(name === undefined ? generalHelp(commands) : helpOf(find(name)));
    return Promise.resolve(exitCodes.ok);
  },
};

const version: Command = {
  name: "version",
  summary: "Show the version.",
  positionals: [],
  flags: {},
  details: "",
  examples: ["linkspan version"],
  run(_, { io, roots }) {
    io.out(`linkspan ${roots.version}\n`);
    return Promise.resolve(exitCodes.ok);
  },
};

export const commands: readonly Command[] = [
  run,
  check,
  importCommand,
  explain,
  names,
  why,
  guard,
  mirror,
  shift,
  reload,
  diff,
  drift,
  usage,
  decommission,
  completion,
  help,
  version,
];

/** Resolves with the exit code; rejects only with what is a defect of linkspan itself. */
export async function runCli(argv: readonly string[], io: CliIo, roots: Roots): Promise<number> {
  const context: CommandContext = { io, roots };
  const alive = keepAlive();
  try {
    return await dispatch(argv, context);
  } catch (error) {
    return report(error, argv, context);
  } finally {
    alive[Symbol.dispose]();
  }
}

async function dispatch(argv: readonly string[], context: CommandContext): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    context.io.err(generalHelp(commands));
    return exitCodes.usage;
  }
  const command = find(aliases[first] ?? first);
  const args = parseCommandLine(command, rest);
  if (args.flags["help"] !== true) return command.run(args, context);
  context.io.out(helpOf(command));
  return exitCodes.ok;
}

const aliases: Readonly<Record<string, string>> = {
  "--help": "help",
  "-h": "help",
  "--version": "version",
  "-v": "version",
};

/** Throws UsageError. */
function find(name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return command;
  if (/\.(?:ya?ml|json)$/.test(name)) throw new UsageError(`${name} is not a command`, `linkspan run ${name}`);
  if (/^-(?:validate|log\.|com\.twitter|io\.buoyant)/.test(name)) {
    const message = `${name} was a flag of Linkerd 1; here a command comes first`;
    throw new UsageError(message, name === "-validate" ? "linkspan check FILE" : "linkspan run FILE");
  }
  const meant = nearest(
    name,
    commands.map((each) => each.name),
  );
  const what = name.startsWith("-") ? "flag" : "command";
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new UsageError(
    `unknown ${what} ${name}${hint}`,
    meant === undefined ? "linkspan help" : `linkspan ${meant} --help`,
  );
}

function report(error: unknown, argv: readonly string[], { io }: CommandContext): number {
  if (error instanceof UsageError) {
    io.err(`linkspan: ${error.message}\nNext: ${error.next}\n`);
    return exitCodes.usage;
  }
  if (error instanceof UnreadableFile) {
    io.err(`linkspan: ${error.message}\nNext: linkspan check FILE\n`);
    return exitCodes.config;
  }
  if (error instanceof PluginNotCreated) {
    io.err(`linkspan: ${error.message}\nNext: mend that in ${argv[1] ?? "the configuration"}, or what it names\n`);
    return exitCodes.config;
  }
  if (!(error instanceof ConfigError)) throw error;
  io.err(`${showProblems(error.problems, `Mend it, then run: linkspan check ${error.file}`, paintFor(io))}\n`);
  return exitCodes.config;
}
