/** `linkspan mirror`: what mirrors would write and do write into other registries, and the approval of what they hold. */
import { hostname, userInfo } from "node:os";
import type { MirrorApplied, MirrorPlan, MirrorWithdrawn } from "../bridge/mirror-plan.ts";
import type { MirrorsAnswer } from "../bridge/mirror-status.ts";
import type { Mirror } from "../bridge/mirror.ts";
import { nearest } from "../config/nearest.ts";
import { parseDuration } from "../config/units.ts";
import { adminFlag, askAdmin } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { isInTrouble, showApplied, showPlan, showStatus, showWithdrawn } from "./mirror-show.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./read-config.ts";
import { exitCodes } from "./roots.ts";

const HELP = "linkspan mirror --help";

export const mirror: Command = {
  name: "mirror",
  summary: "Show, write or watch what mirrors publish in other registries.",
  positionals: ["ACTION", "[FILE|MIRROR]"],
  actions: ["plan", "apply", "run", "status", "approve", "withdraw"],
  flags: {
    mirror: { doc: "plan, apply, run, withdraw: only the mirror of this name.", value: "NAME" },
    "dry-run": { doc: "apply: write nothing, as `plan`." },
    timeout: { doc: "plan, apply, withdraw: how long all of it may take; 60s if not said.", value: "TIME" },
    "admin-port": {
      doc: "run: where this process has its admin port; 0 for any, the file's if not said.",
      value: "PORT",
    },
    target: { doc: "approve: only the target of this path.", value: "PATH" },
    reason: { doc: "approve: why, for the log.", value: "TEXT" },
    by: { doc: "approve: who, for the log; you at this host if not said.", value: "WHO" },
    admin: adminFlag,
    json: { doc: "Print it as JSON." },
  },
  details:
    "`plan FILE` reads source and target of each mirror in FILE and shows every znode, service or object that would be\n" +
    "made, changed or deleted; it writes nothing. `apply FILE` does it once: what stands on a lease, as in ZooKeeper, ends\n" +
    "with it soon after the command. `run FILE` keeps it true, as a process without routers; a router that runs FILE\n" +
    "does that too. `status [MIRROR]` asks a running one, and `approve MIRROR` lets go what it holds back because too\n" +
    "much is absent at once. `withdraw FILE` takes away all that the mirrors of FILE have published, where no daemon leads\n" +
    "them any more: what is left of one that crashed, or was renamed. Exits 0 when all is as it should be, 1 when something is to be done, held, refused or in\n" +
    "conflict, 3 when a registry or the router cannot be asked, 78 when FILE has mistakes.",
  examples: [
    "linkspan mirror plan linkspan.yaml",
    "linkspan mirror apply linkspan.yaml --mirror users-to-legacy --dry-run",
    "linkspan mirror run linkspan.yaml --admin-port 9991",
    "linkspan mirror status --admin http://127.0.0.1:9991",
    "linkspan mirror withdraw linkspan.yaml --mirror users-to-legacy",
    "linkspan mirror approve users-to-legacy --reason 'the old cluster is gone'",
  ],
  run(args, context) {
    const [action = "", what] = args.positionals;
    if (action === "status") return status(args, context, what);
    if (what === undefined) {
      const missing = action === "approve" ? "MIRROR" : "FILE";
      throw new UsageError(`${missing} is missing: linkspan mirror ${action} ${missing}`, HELP);
    }
    if (action === "approve") return approve(args, context, what);
    if (action === "run") return runMirrors(args, context, what);
    if (action === "withdraw") return once(args, context, what, "withdraw");
    return once(args, context, what, action === "plan" || args.flags["dry-run"] === true ? "plan" : "apply");
  },
};

type Once = "plan" | "apply" | "withdraw";

async function once(args: Args, context: CommandContext, file: string, what: Once): Promise<number> {
  const config = await chosen(args, context, file);
  const timeoutMs = parseDuration(textFlag(args, "timeout") ?? "60s");
  if (timeoutMs === undefined || timeoutMs === 0) throw new UsageError("--timeout: expected a time such as 60s", HELP);
  const late = new AbortController();
  using _ = context.roots.clock.timer(timeoutMs, () => late.abort(new Error("no answer in time")));
  await using root = await context.roots.openBridge(config, what === "plan");
  const { mirrors } = root;
  // Awaited here: what is returned outlives the root.
  if (what === "plan") return await plan(mirrors, late.signal, args, context);
  if (what === "withdraw") return await withdraw(mirrors, late.signal, args, context);
  return await apply(mirrors, late.signal, args, context, file);
}

async function plan(
  mirrors: readonly Mirror[],
  signal: AbortSignal,
  { flags }: Args,
  { io }: CommandContext,
): Promise<number> {
  const plans: MirrorPlan[] = [];
  for (const each of mirrors) plans.push(await each.plan(signal));
  if (flags["json"] === true) io.out(`${JSON.stringify({ mirrors: plans }, undefined, 2)}\n`);
  else io.out(plans.map((each) => showPlan(each, paintFor(io))).join("\n"));
  return codeOf(plans);
}

/** Of what is left to be done. */
function codeOf(plans: readonly MirrorPlan[]): number {
  if (plans.some((each) => each.trouble !== undefined || each.totals.troubled > 0)) return exitCodes.unreachable;
  const isLeft = ({ totals }: MirrorPlan): boolean =>
    totals.create + totals.update + totals.delete + totals.held + totals.unreachable + totals.refused > 0;
  return plans.some(isLeft) ? exitCodes.problem : exitCodes.ok;
}

async function apply(
  mirrors: readonly Mirror[],
  signal: AbortSignal,
  { flags }: Args,
  { io }: CommandContext,
  file: string,
): Promise<number> {
  const applied: MirrorApplied[] = [];
  for (const each of mirrors) applied.push(await each.apply(signal));
  if (flags["json"] === true) io.out(`${JSON.stringify({ mirrors: applied }, undefined, 2)}\n`);
  else
    io.out(`${applied.map((each) => showApplied(each, paintFor(io))).join("\n")}\nNext: linkspan mirror run ${file}\n`);
  if (applied.some(({ leader }) => leader !== undefined)) return exitCodes.problem;
  return codeOf(applied.map(({ left }) => left));
}

async function withdraw(
  mirrors: readonly Mirror[],
  signal: AbortSignal,
  { flags }: Args,
  { io }: CommandContext,
): Promise<number> {
  const withdrawn: MirrorWithdrawn[] = [];
  for (const each of mirrors) withdrawn.push(await each.withdraw(signal));
  if (flags["json"] === true) io.out(`${JSON.stringify({ mirrors: withdrawn }, undefined, 2)}\n`);
  else io.out(withdrawn.map((each) => showWithdrawn(each, paintFor(io))).join("\n"));
  const isLeft = ({ leader, writes }: MirrorWithdrawn): boolean =>
    leader !== undefined || writes.some(({ outcome }) => outcome !== "done");
  return withdrawn.some(isLeft) ? exitCodes.problem : exitCodes.ok;
}

async function runMirrors(args: Args, context: CommandContext, file: string): Promise<number> {
  const config = await chosen(args, context, file);
  const port = textFlag(args, "admin-port");
  const adminPort = port === undefined ? undefined : Number(port);
  if (adminPort !== undefined && !(Number.isInteger(adminPort) && adminPort >= 0 && adminPort <= 65_535)) {
    throw new UsageError(`--admin-port ${port} is not a port`, HELP);
  }
  const only = textFlag(args, "mirror");
  const mirrorsOnly = {
    ...(only === undefined ? {} : { only }),
    ...(adminPort === undefined ? {} : { adminPort }),
  };
  return context.roots.startDaemon(config, context.io, { demo: false, watch: true, mirrorsOnly });
}

/** The file, with the mirror that is meant, where one is. */
async function chosen(args: Args, context: CommandContext, file: string) {
  const config = await readConfig(file, context, "before running");
  const name = textFlag(args, "mirror");
  const names = config.mirrors.map((each) => each.name);
  if (names.length === 0) throw new UsageError(`${file} has no mirrors`, "linkspan mirror --help");
  if (name === undefined) return config;
  if (names.includes(name)) return { ...config, mirrors: config.mirrors.filter((each) => each.name === name) };
  const meant = nearest(name, names);
  throw new UsageError(
    `there is no mirror ${name} in ${file}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    HELP,
  );
}

async function status(args: Args, context: CommandContext, name: string | undefined): Promise<number> {
  const path = `/api/mirrors?size=500${name === undefined ? "" : `&search=${encodeURIComponent(name)}`}`;
  const answer = await askAdmin("mirror", args, context, path);
  if (answer === undefined) return exitCodes.unreachable;
  const { io, roots } = context;
  const { mirrors, left } = answer.data as MirrorsAnswer;
  const shown = mirrors.filter((each) => name === undefined || each.mirror === name);
  if (name !== undefined && shown.length === 0) {
    io.err(`linkspan: there is no mirror ${name}\nNext: linkspan mirror status\n`);
    return exitCodes.problem;
  }
  if (args.flags["json"] === true) io.out(`${JSON.stringify({ mirrors: shown, left }, undefined, 2)}\n`);
  else io.out(showStatus(shown, left, roots.clock.wall(), paintFor(io)));
  return shown.some(isInTrouble) ? exitCodes.problem : exitCodes.ok;
}

async function approve(args: Args, context: CommandContext, name: string): Promise<number> {
  const target = textFlag(args, "target");
  const by = textFlag(args, "by") ?? `${userInfo().username}@${hostname()}`;
  const body = { mirror: name, by, why: textFlag(args, "reason") ?? "", ...(target === undefined ? {} : { target }) };
  const answer = await askAdmin("mirror", args, context, "/admin/mirrors/approve", "POST", body);
  if (answer === undefined) return exitCodes.unreachable;
  const { io } = context;
  const { removals = 0, error } = answer.data as { readonly removals?: number; readonly error?: string };
  if (args.flags["json"] === true) io.out(answer.text);
  if (answer.status !== 200) {
    io.err(`linkspan: ${error ?? `the router answered ${answer.status}`}\nNext: linkspan mirror status\n`);
    return exitCodes.problem;
  }
  if (args.flags["json"] !== true) {
    io.out(removals === 0 ? `Nothing is held of ${name}.\n` : `approved ${removals} deletions of ${name}\n`);
  }
  return removals === 0 ? exitCodes.problem : exitCodes.ok;
}
