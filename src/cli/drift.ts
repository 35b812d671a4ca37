/** `linkspan drift`: whether what is published is what the source has. */
import { sleep } from "../base/time.ts";
import { type Drift, DriftBook } from "../bridge/drift-book.ts";
import { comparedPaths } from "../bridge/compared-names.ts";
import type { ComparedName } from "../bridge/drift.ts";
import { parseDuration } from "../config/units.ts";
import { Path } from "../naming/path.ts";
import { askAdmin, adminFlag } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { settledInstances } from "./drift-instances.ts";
import { type ShownDrift, showDrift } from "./drift-show.ts";
import { readConfig } from "./read-config.ts";
import { type BridgeRoot, exitCodes } from "./roots.ts";

const HELP = "linkspan drift --help";
const LOOK_MS = 1_000;

export const drift: Command = {
  name: "drift",
  summary: "Compare what mirrors publish with what their sources have.",
  positionals: ["[MIRROR]"],
  flags: {
    all: { doc: "Of all mirrors." },
    admin: adminFlag,
    config: { doc: "Read the registries that this file names, and ask no router.", value: "FILE", choices: ["file"] },
    from: { doc: "With --config: a path such as /#/zk/users, to be compared with `--to`.", value: "PATH" },
    to: { doc: "The other path.", value: "PATH" },
    within: { doc: "How old a difference must be; 5s if it is not said.", value: "TIME" },
    json: { doc: "Print it as JSON." },
  },
  details:
    "same: on both sides. lag: other for less than the time of --within. missing: the source has it, the target not.\n" +
    "ghost: the target has it, the source not, or not ready. different: another address, readiness or metadata. dual:\n" +
    "registered in both by itself; counted once. Looks again until that time is over, or nothing lags. Exits 1 when\n" +
    "something is missing, a ghost or different, and 3 when a side cannot be read.",
  examples: [
    "linkspan drift --all",
    "linkspan drift users-to-legacy --json",
    "linkspan drift --config linkspan.yaml --from /#/k8s/shop/http/users --to /#/zk/users",
  ],
  run: runDrift,
};

/** One look at everything that is asked about; `undefined` where the terminal was told why there is none. */
type Look = () => Promise<readonly ShownDrift[] | undefined>;

async function runDrift(args: Args, context: CommandContext): Promise<number> {
  const [mirror] = args.positionals;
  const [file, from, to] = ["config", "from", "to"].map((name) => textFlag(args, name));
  const withinMs = parseDuration(textFlag(args, "within") ?? "5s");
  if (withinMs === undefined) throw new UsageError("--within: expected a time such as 5s", HELP);
  if ((from === undefined) !== (to === undefined)) throw new UsageError("--from and --to go together", HELP);
  if (from !== undefined && file === undefined) throw new UsageError("--from needs --config FILE", HELP);
  const asked = [mirror !== undefined, from !== undefined, args.flags["all"] === true].filter(Boolean).length;
  if (asked !== 1) throw new UsageError("expected one of MIRROR, --all, or --from with --to", HELP);
  if (file === undefined) return follow(() => ofDaemon(args, context, mirror), withinMs, args, context);
  const config = await readConfig(file, context);
  await using root = await context.roots.openBridge(config, true);
  const compare = from === undefined || to === undefined ? ofMirrors(root, mirror) : ofPaths(root, from, to, context);
  const books = new Map<string, DriftBook>();
  const look: Look = async () => {
    const all = await compare();
    return all.map(({ title, names }) => {
      const book = books.get(title) ?? new DriftBook(context.roots.clock, withinMs);
      books.set(title, book);
      return { mirror: title, ...book.look(names) };
    });
  };
  // Awaited, since the root is closed when this returns.
  return await follow(look, withinMs, args, context);
}

/** Until nothing lags, or what does has done so for long enough. */
async function follow(look: Look, withinMs: number, args: Args, { io, roots }: CommandContext): Promise<number> {
  const { clock } = roots;
  const until = clock.now() + withinMs + LOOK_MS;
  for (;;) {
    const seen = await look();
    if (seen === undefined) return exitCodes.unreachable;
    const isOver = clock.now() >= until || seen.every((each) => each.counts.lag === 0 && !each.isTroubled);
    if (isOver) {
      io.out(args.flags["json"] === true ? `${JSON.stringify({ mirrors: seen })}\n` : showDrift(seen));
      return exitCodeOf(seen);
    }
    await sleep(clock, LOOK_MS);
  }
}

function exitCodeOf(seen: readonly Drift[]): number {
  if (seen.some(({ isTroubled }) => isTroubled)) return exitCodes.unreachable;
  return seen.some(({ drifts }) => drifts) ? exitCodes.problem : exitCodes.ok;
}

async function ofDaemon(args: Args, context: CommandContext, mirror: string | undefined) {
  const query = mirror === undefined ? "" : `?mirror=${encodeURIComponent(mirror)}`;
  const answer = await askAdmin("drift", args, context, `/api/drift${query}`);
  if (answer === undefined) return undefined;
  const { mirrors, error } = answer.data as { readonly mirrors?: readonly ShownDrift[]; readonly error?: string };
  if (mirrors === undefined) throw new UsageError(error ?? "the router does not say", "linkspan drift --all");
  return mirrors;
}

type Compare = () => Promise<readonly { readonly title: string; readonly names: readonly ComparedName[] }[]>;

function ofMirrors({ mirrors }: BridgeRoot, name: string | undefined): Compare {
  const meant = mirrors.filter((mirror) => name === undefined || mirror.name === name);
  if (name !== undefined && meant.length === 0) throw new UsageError(`there is no mirror ${name}`, HELP);
  const { signal } = new AbortController();
  return () => Promise.all(meant.map(async (mirror) => ({ title: mirror.name, names: await mirror.compare(signal) })));
}

function ofPaths(root: BridgeRoot, from: string, to: string, { roots }: CommandContext): Compare {
  const sides = [from, to].map((path) => settledInstances(pathOf(path), root, roots.clock));
  return async () => {
    const [source, target] = await Promise.all(sides.map((side) => side()));
    if (source === undefined || target === undefined) return [];
    const compared = comparedPaths({ name: from, ...source }, { name: to, ...target });
    const trouble = source.trouble ?? target.trouble;
    return [{ title: `${from} and ${to}`, names: [{ ...compared, ...(trouble === undefined ? {} : { trouble }) }] }];
  };
}

function pathOf(text: string): Path {
  try {
    return Path.read(text);
  } catch (error) {
    throw new UsageError(`${text}: ${(error as Error).message}`, HELP);
  }
}
