/** `linkspan shift`: moves a name from one registry to another by weight, watched, with a way back. */
import { hostname, userInfo } from "node:os";
import { sleep } from "../base/time.ts";
import { noShift } from "../bridge/no-shift.ts";
import type { ShiftStatus } from "../bridge/shift-status.ts";
import type { NoShifts, ShiftsView } from "../bridge/shift-desk.ts";
import type { Shift } from "../bridge/shift.ts";
import { askAdmin, adminFlag, type AdminAnswer } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showProgress, showShift, showShifts } from "./shift-show.ts";
import { startFlags, startOrder } from "./shift-start.ts";

const HELP = "linkspan shift --help";

export const shift: Command = {
  name: "shift",
  summary: "Move a name from one registry to another, step by step, with automatic rollback.",
  positionals: ["ACTION", "[NAME]"],
  actions: ["list", "start", "status", "pause", "resume", "rollback", "ack"],
  flags: {
    ...startFlags,
    reason: { doc: "Why, for the records.", value: "TEXT" },
    by: { doc: "Who, for the records; you at this host if not said.", value: "WHO" },
    watch: { doc: "status: follow it until it is over.", short: "w" },
    admin: adminFlag,
    json: { doc: "Print what the admin port says." },
  },
  details:
    "`start NAME` shifts the logical name NAME, such as /svc/users; the others take that, or the name of the shift.\n" +
    "A step ends when it has lasted, when both sides have answered enough requests at the same time, and when `to` did\n" +
    "as well as `from`; until then it waits. A breach of the guard rolls back at once, as `rollback` does. What is\n" +
    "rolled back or done stays as it is until `ack`: from then on the router's own dtab rules again. Orders work from\n" +
    "the router's own host. Exits 1 when an order is refused, and when a shift that `status` shows is rolled back; 3\n" +
    "when the router or the store cannot be reached.",
  examples: [
    "linkspan shift start /svc/users --from /#/io.l5d.curator/users --to /#/io.l5d.k8s/shop/http/users --reason CHG-123",
    "linkspan shift status users -w",
    "linkspan shift rollback users --reason 'carts are empty'",
    "linkspan shift ack users",
  ],
  run(args, context) {
    const [action = "", name] = args.positionals;
    if (action === "list" || (action === "status" && name === undefined)) return list(args, context, name);
    if (name === undefined) throw new UsageError(`NAME is missing: linkspan shift ${action} NAME`, HELP);
    if (action === "status") return status(args, context, name);
    return order(args, context, action, name);
  },
};

async function list(args: Args, context: CommandContext, name: string | undefined): Promise<number> {
  if (name !== undefined) throw new UsageError(`${name} is one too many: linkspan shift list`, HELP);
  const seen = await viewOf(args, context);
  if (typeof seen === "number") return seen;
  const { io } = context;
  io.out(args.flags["json"] === true ? seen.text : showShifts(seen.view.shifts) + storeNote(seen.view));
  return exitCodes.ok;
}

async function status(args: Args, context: CommandContext, name: string): Promise<number> {
  const { io, roots } = context;
  let last = "";
  for (;;) {
    const seen = await viewOf(args, context);
    if (typeof seen === "number") return seen;
    const found = seen.view.shifts.filter(({ plan }) => plan.name === name || plan.path === name);
    const [one] = found;
    if (one === undefined) {
      io.err(`linkspan: ${noShift(name, seen.view.shifts).why}\nNext: linkspan shift list\n`);
      return exitCodes.problem;
    }
    if (args.flags["watch"] !== true) {
      if (args.flags["json"] === true) io.out(`${JSON.stringify(found)}\n`);
      else io.out(found.map(showShift).join("\n") + storeNote(seen.view));
      return exitCodeOf(one);
    }
    const line = args.flags["json"] === true ? `${JSON.stringify(one)}\n` : showProgress(seen.view.at, one);
    if (line !== last) io.out(line);
    last = line;
    if (one.stage.state === "done" || one.stage.state === "rolled-back") return exitCodeOf(one);
    await sleep(roots.clock, WATCH_MS);
  }
}

const WATCH_MS = 1_000;

function exitCodeOf({ stage }: ShiftStatus): number {
  return stage.state === "rolled-back" && !stage.acknowledged ? exitCodes.problem : exitCodes.ok;
}

async function order(args: Args, context: CommandContext, action: string, name: string): Promise<number> {
  const { io } = context;
  const about = action === "start" ? startOrder(name, args) : { name };
  const reason = textFlag(args, "reason");
  const isForced = args.flags["force"] === true;
  const force = isForced ? { force: true } : {};
  const body = { ...about, ...force, who: textFlag(args, "by") ?? you(), ...(reason === undefined ? {} : { reason }) };
  const answer = await askAdmin("shift", args, context, `/api/shifts/${action}`, "POST", body);
  if (answer === undefined) return exitCodes.unreachable;
  if (args.flags["json"] === true) io.out(answer.text);
  const { result, shift: now } = answer.data as { readonly result?: string; readonly shift?: Shift };
  if (answer.status !== 200 || now === undefined) return refusedBy(answer, context, now);
  const { stage, plan } = now;
  if (args.flags["json"] !== true) {
    const already = result === "unchanged" ? " already" : "";
    const acknowledged = "acknowledged" in stage && stage.acknowledged ? " and acknowledged" : "";
    io.out(`${plan.name} is${already} ${stage.state}${acknowledged}\nNext: ${nextAfter(now)}\n`);
  }
  return exitCodes.ok;
}

function nextAfter({ plan: { name }, stage }: Shift): string {
  if (stage.state === "planned" || stage.state === "paused") return `linkspan shift resume ${name}`;
  if ("acknowledged" in stage && !stage.acknowledged) return `linkspan shift ack ${name}`;
  return `linkspan shift status ${name}${stage.state === "running" ? " -w" : ""}`;
}

/** What there is, where nothing is known of the shift. */
const FIRST = "linkspan shift list, or linkspan names";

/** Status 424: the store cannot be asked. `about`: the shift that cannot, or that is in the way. */
function refusedBy(answer: AdminAnswer, { io }: CommandContext, about?: Shift): number {
  const { error } = answer.data as { readonly error?: string };
  const next = answer.status === 400 ? HELP : about === undefined ? FIRST : nextAfter(about);
  io.err(`linkspan: ${error ?? `the router answered ${answer.status}`}\nNext: ${next}\n`);
  if (answer.status === 400) return exitCodes.usage;
  return answer.status === 424 ? exitCodes.unreachable : exitCodes.problem;
}

interface Seen {
  readonly text: string;
  readonly view: ShiftsView;
}

/** Or the exit code. */
async function viewOf(args: Args, context: CommandContext): Promise<Seen | number> {
  const answer = await askAdmin("shift", args, context, "/api/shifts");
  if (answer === undefined) return exitCodes.unreachable;
  if (answer.status !== 200) return refusedBy(answer, context);
  const view = answer.data as ShiftsView | NoShifts;
  if (!("problem" in view)) return { text: answer.text, view };
  context.io.err(`linkspan: ${view.problem}\n`);
  return exitCodes.problem;
}

function storeNote({ store: { place, state, cause }, overrideProblem }: ShiftsView): string {
  const stale = state === "ok" ? "" : `\nThe store ${place} is ${state}: ${cause ?? "it has not answered yet"}.\n`;
  return overrideProblem === undefined ? stale : `${stale}\nThe override file is not in force: ${overrideProblem}.\n`;
}

function you(): string {
  let user = "somebody";
  try {
    user = userInfo().username;
  } catch {
    // A user without an entry in the system's list has no name.
  }
  return `${user}@${hostname()}`;
}
