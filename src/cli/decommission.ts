/** `linkspan decommission plan`: what stands in the way of switching a registry off. */
import type { BlockKind, DecommissionPlan } from "../bridge/decommission.ts";
import { adminFlag } from "./ask-admin.ts";
import { askSource, sinceFlag } from "./ask-source.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

export const decommission: Command = {
  name: "decommission",
  summary: "Say what stands in the way of switching a registry off.",
  positionals: ["ACTION", "SOURCE"],
  actions: ["plan"],
  flags: {
    since: sinceFlag,
    admin: adminFlag,
    json: { doc: "Print what the admin port says." },
  },
  details:
    "SOURCE is the prefix of its namer or source, such as zk. In the way are: routes that have nothing else (only),\n" +
    "names that had requests (used), mirrors that read it or write to it (mirror), clients of others that watch there\n" +
    "(client), and what cannot be known (unknown). It asks one router: ask each. Exits 1 when anything is in the way,\n" +
    "and 3 when the router cannot be reached. It changes nothing.",
  examples: ["linkspan decommission plan zk", "linkspan decommission plan zk --since 7d --json"],
  async run(args, context) {
    const [, source = ""] = args.positionals;
    const answer = await askSource("decommission", "/api/decommission", source, args, context);
    if (answer === undefined) return exitCodes.unreachable;
    const plan = answer.data as DecommissionPlan;
    context.io.out(args.flags["json"] === true ? answer.text : show(plan));
    return plan.blocks.length === 0 ? exitCodes.ok : exitCodes.problem;
  },
};

const NEXT: Readonly<Record<BlockKind, string>> = {
  only: "only: shift it, or give its route another source",
  used: "used: `linkspan usage --source` says by whom",
  mirror: "mirror: take it out of the file when nobody needs it",
  client: "client: see what runs at that address",
  unknown: "unknown: make it known, or decide without",
};

function show({ source, blocks }: DecommissionPlan): string {
  if (blocks.length === 0) return `Nothing is in the way of switching ${source} off, as far as this router knows.\n`;
  const rows = blocks.map(({ kind, name, about }) => [kind, name, about]);
  const kinds = [...new Set(blocks.map(({ kind }) => kind))];
  return `${showTable(["IN THE WAY", "WHAT", "ABOUT"], rows)}\n${kinds.map((kind) => `Next, ${NEXT[kind]}\n`).join("")}`;
}
