/** `linkspan check`: everything that can be wrong with a file, before it is run. */
import type { Config } from "../config/config.ts";
import { ConfigError, isError } from "../config/config-error.ts";
import { UnreadableFile } from "../config/load.ts";
import { problemData, unreadable } from "../config/problem-data.ts";
import { count, showProblems } from "../config/problem-text.ts";
import { expand } from "../config/expand.ts";
import type { Args, Command, CommandContext } from "./command.ts";
import { describeConfig } from "./describe-config.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./read-config.ts";
import { exitCodes } from "./roots.ts";

export const check: Command = {
  name: "check",
  summary: "Find every mistake in a configuration, without running it.",
  positionals: ["FILE"],
  flags: {
    expand: { doc: "Print the linkerd.yaml that the file means." },
    json: { doc: "Print problems and the resolved configuration as JSON." },
  },
  details: "FILE is a linkerd.yaml or the short form; `-` reads standard input. Secrets are never printed.",
  examples: [
    "linkspan check linkerd.yaml",
    "linkspan check --expand linkspan.yaml",
    "cat linkerd.json | linkspan check -",
  ],
  run: runCheck,
};

async function runCheck(args: Args, context: CommandContext): Promise<number> {
  const [file = ""] = args.positionals;
  const { io, roots } = context;
  if (args.flags["json"] === true) return checkJson(file, context);
  const config = await readConfig(file, context, "checking");
  if (config.warnings.length > 0) {
    io.err(`${showProblems(config.warnings, `Next: linkspan run ${file}`, paintFor(io))}\n`);
  }
  if (args.flags["expand"] === true) io.out(expand(config));
  else {
    const limits = roots.hostLimits(config).map((limit) => `This host: ${limit}\n`);
    const next = config.routers.length > 0 ? "run" : "mirror plan";
    io.out(`${file}: OK. ${summary(config)}\n${limits.join("")}Next: linkspan ${next} ${file}\n`);
  }
  return exitCodes.ok;
}

async function checkJson(file: string, context: CommandContext): Promise<number> {
  const print = (value: object): void => context.io.out(`${JSON.stringify(value, undefined, 2)}\n`);
  try {
    const config = await readConfig(file, context, "checking");
    const limits = context.roots.hostLimits(config);
    const host = limits.length === 0 ? {} : { host: limits };
    print({ ok: true, problems: config.warnings.map(problemData), ...host, config: describeConfig(config) });
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof UnreadableFile)) throw error;
    const problems = error instanceof ConfigError ? error.problems.map(problemData) : [unreadable(file, error)];
    print({ ok: false, problems });
    return exitCodes.config;
  }
}

function summary({ routers, namers, mirrors, admin, warnings }: Config): string {
  const servers = routers.flatMap(({ servers }) => servers.map(({ ip, port }) => `${ip}:${port}`));
  const listed = (names: readonly string[]): string => (names.length > 0 ? ` (${names.join(", ")})` : "");
  const parts = [
    ...(routers.length > 0 ? [`${count(routers.length, "router")} on ${servers.join(", ")}`] : []),
    `${count(namers.length, "namer")}${listed(namers.map(({ prefix }) => `/#${prefix.show}`))}`,
    ...(mirrors.length > 0 ? [`${count(mirrors.length, "mirror")}${listed(mirrors.map(({ name }) => name))}`] : []),
    `admin on ${admin.ip}:${admin.port}`,
  ];
  const warned = warnings.filter((problem) => !isError(problem)).length;
  return `${parts.join("; ")}${warned > 0 ? `; ${count(warned, "warning")}` : ""}.`;
}
