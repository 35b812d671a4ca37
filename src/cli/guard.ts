/** `linkspan guard`: what the mass-loss guard of a running router holds back, and the order to believe it. */
import { askAdmin, adminFlag } from "./ask-admin.ts";
import { UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

const HELP = "linkspan guard --help";

export const guard: Command = {
  name: "guard",
  summary: "List the losses that a running router does not believe yet, or have it believe one.",
  positionals: ["ACTION", "[NAME]"],
  actions: ["list", "release"],
  flags: {
    admin: adminFlag,
    json: { doc: "Print what the admin port says." },
  },
  details:
    "`list` shows the bound names of which a loss is held. `release NAME` believes at once what is held of NAME: a bound\n" +
    "name such as /#/io.l5d.curator/users, or a logical one such as /svc/users. It works from the router's own host.\n" +
    "Exits 1 when nothing is held of NAME, 3 when the router cannot be reached or does not take the order.",
  examples: [
    "linkspan guard list",
    "linkspan guard release /#/io.l5d.curator/users",
    "linkspan guard release /svc/users --admin http://127.0.0.1:9991",
  ],
  run(args, context) {
    const [action = "", name] = args.positionals;
    if (action === "release") return release(args, context, name);
    if (name !== undefined) throw new UsageError(`${name} is one too many: linkspan guard list`, HELP);
    return list(args, context);
  },
};

interface HeldAnswer {
  readonly held: readonly {
    readonly name: string;
    readonly since: number;
    readonly until: number;
    readonly lost: number;
  }[];
}

async function list(args: Args, context: CommandContext): Promise<number> {
  const answer = await askAdmin("guard", args, context, "/admin/guard");
  if (answer === undefined) return exitCodes.unreachable;
  const { io, roots } = context;
  if (args.flags["json"] === true) {
    io.out(answer.text);
    return exitCodes.ok;
  }
  const { held } = answer.data as HeldAnswer;
  const now = roots.clock.wall();
  const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`;
  const rows = held.map(({ name, since, until, lost }) => [
    name,
    `${lost}`,
    seconds(now - since),
    seconds(until - now),
  ]);
  const next = held[0] === undefined ? "" : `\nNext: linkspan guard release ${held[0].name}\n`;
  io.out(rows.length === 0 ? "Nothing is held.\n" : showTable(["NAME", "LOST", "HELD FOR", "STILL"], rows) + next);
  return exitCodes.ok;
}

async function release(args: Args, context: CommandContext, name: string | undefined): Promise<number> {
  if (name === undefined) throw new UsageError("NAME is missing: linkspan guard release NAME", "linkspan guard list");
  if (!name.startsWith("/")) throw new UsageError(`${name} is not a name, such as /svc/users`, "linkspan guard list");
  const path = `/admin/guard/release?name=${encodeURIComponent(name)}`;
  const answer = await askAdmin("guard", args, context, path, "POST");
  if (answer === undefined) return exitCodes.unreachable;
  const { io } = context;
  const { released = [], error } = answer.data as { readonly released?: readonly string[]; readonly error?: string };
  if (args.flags["json"] === true) io.out(answer.text);
  else io.out(released.map((each) => `released ${each}\n`).join(""));
  if (answer.status === 200) return exitCodes.ok;
  io.err(`linkspan: ${error ?? `the router answered ${answer.status}`}\nNext: linkspan guard list\n`);
  return answer.status === 404 ? exitCodes.problem : exitCodes.usage;
}
