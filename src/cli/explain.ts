/** `linkspan explain`: how a name is bound, step by step, by the resolver that the data path uses. */
import { Dtab } from "../naming/dtab.ts";
import type { Dentry } from "../naming/dentry.ts";
import type { Delegation } from "../naming/delegation.ts";
import { ParseError } from "../naming/parser.ts";
import { Path } from "../naming/path.ts";
import { showDelegation } from "../naming/show-delegation.ts";
import type { Config, RouterConfig } from "../config/config.ts";
import { nearest } from "../config/nearest.ts";
import { parseDuration } from "../config/units.ts";
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { delegationData } from "./delegation-data.ts";
import { readConfig } from "./read-config.ts";
import { exitCodes } from "./roots.ts";
import { settled, verdictOf, type Verdict } from "./settled.ts";

export const explain: Command = {
  name: "explain",
  summary: "Show how a name is bound: rules with their lines, namers, addresses.",
  positionals: ["FILE", "NAME"],
  flags: {
    dtab: { doc: "Rules to lay over the router's, as `l5d-dtab` would.", value: "DTAB", short: "d" },
    router: { doc: "The label of the router to ask; the first if not said.", value: "LABEL" },
    timeout: { doc: "How long to wait for registries.", value: "5s" },
    json: { doc: "Print the steps as JSON." },
  },
  details:
    "NAME is a logical name such as /svc/users, or a host such as users. Exits 0 when it binds to addresses, 1 when it\n" +
    "binds to nothing, 3 when a registry did not answer.",
  examples: [
    "linkspan explain linkerd.yaml /svc/users",
    "linkspan explain linkspan.yaml users --json",
    "linkspan explain linkerd.yaml /svc/users -d '/svc/users => /#/zk/users-v2'",
  ],
  run: runExplain,
};

const DEFAULT_TIMEOUT = "5s";

async function runExplain(args: Args, context: CommandContext): Promise<number> {
  const [file = "", name = ""] = args.positionals;
  const timeoutMs = timeoutOf(args);
  const local = localDtab(args);
  const config = await readConfig(file, context);
  const router = routerOf(config, textFlag(args, "router"));
  const path = nameOf(name, router);
  await using naming = await context.roots.openNaming(config);
  const interpreter = naming.interpreterFor(router);
  const delegation = await settled(interpreter.delegate(local, path), timeoutMs, context.roots.clock);
  const verdict = verdictOf(delegation);
  print(delegation, verdict, { config, router, local, name }, args, context);
  return exitOf(verdict);
}

interface Question {
  readonly config: Config;
  readonly router: RouterConfig;
  readonly local: Dtab;
  readonly name: string;
}

function print(
  delegation: Delegation | undefined,
  verdict: Verdict,
  question: Question,
  args: Args,
  { io, roots }: CommandContext,
): void {
  const placeOf = places(question);
  if (args.flags["json"] === true) {
    const data = delegation === undefined ? {} : delegationData(delegation, placeOf);
    io.out(`${JSON.stringify({ verdict: verdict.kind, message: verdict.message, ...data }, undefined, 2)}\n`);
    return;
  }
  if (delegation !== undefined) io.out(`${showDelegation(delegation, roots.clock.wall(), placeOf)}\n`);
  io.out(`\n${verdict.message}\n`);
  if (verdict.kind === "nothing") io.out(`Next: look at the rules above, or: linkspan names\n`);
  if (verdict.kind === "unanswered") io.out(`Next: see whether the registry is up, or wait longer with --timeout\n`);
}

function exitOf({ kind }: Verdict): number {
  if (kind === "bound") return exitCodes.ok;
  return kind === "nothing" ? exitCodes.problem : exitCodes.unreachable;
}

function places({ router, local }: Question): (dentry: Dentry) => string {
  const known = new Map(router.dtab.dentries.map((dentry, index) => [dentry, router.dtabPlaces[index]]));
  const locals = new Set(local.dentries);
  return (dentry) => {
    const place = known.get(dentry);
    if (place !== undefined) return `${place.file}:${place.line}`;
    return locals.has(dentry) ? "--dtab" : "";
  };
}

function nameOf(name: string, router: RouterConfig): Path {
  if (!name.startsWith("/")) return router.dstPrefix.concat(Path.of(name.toLowerCase()));
  return parsing(() => Path.read(name), "NAME");
}

function localDtab(args: Args): Dtab {
  const text = textFlag(args, "dtab");
  return text === undefined ? Dtab.empty : parsing(() => Dtab.read(text), "--dtab");
}

function parsing<T>(parse: () => T, what: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new UsageError(`${what}: ${error.message}`, "linkspan explain --help");
  }
}

function timeoutOf(args: Args): number {
  const text = textFlag(args, "timeout") ?? DEFAULT_TIMEOUT;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--timeout ${text}: expected 5s or 500ms`, "linkspan explain --help");
  return ms;
}

function routerOf({ routers }: Config, label: string | undefined): RouterConfig {
  const labels = routers.map((router) => router.label);
  const router = label === undefined ? routers[0] : routers.find((each) => each.label === label);
  if (router !== undefined) return router;
  const meant = nearest(label ?? "", labels);
  const hint = meant === undefined ? `there are ${labels.join(", ")}` : `did you mean ${meant}?`;
  throw new UsageError(`no router has the label ${label}; ${hint}`, "linkspan explain --help");
}
