/** `linkspan usage`: which names of a registry are used, by which routes, from where, and when last. */
import { shownHosts, type Usage } from "../bridge/decommission.ts";
import { adminFlag } from "./ask-admin.ts";
import { askSource, sinceFlag } from "./ask-source.ts";
import { textFlag, UsageError, type Command } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

export const usage: Command = {
  name: "usage",
  summary: "Say which names of a registry are used, by whom, and when last.",
  positionals: [],
  flags: {
    source: { doc: "The registry: the prefix of its namer or source, such as zk.", value: "NAME" },
    since: sinceFlag,
    admin: adminFlag,
    json: { doc: "Print what the admin port says." },
  },
  details:
    "A name is used while a route is bound to it. BY: these routes. FROM: where they were called from, addresses and what\n" +
    "certificates showed, the last 50 of each name; `--json` has all of them, with when each called last.\n" +
    "Counts go back to when this router first counted, and outlive it where it has a place for its snapshot. Other\n" +
    "clients are those that the registry itself names. Exits 1 when it was used or others still watch, and 3 when the\n" +
    "router cannot be reached.",
  examples: ["linkspan usage --source zk", "linkspan usage --source zk --since 7d --json"],
  async run(args, context) {
    const source = textFlag(args, "source");
    if (source === undefined) throw new UsageError("--source is missing", "linkspan usage --help");
    const answer = await askSource("usage", "/api/usage", source, args, context);
    if (answer === undefined) return exitCodes.unreachable;
    const found = answer.data as Usage;
    context.io.out(args.flags["json"] === true ? answer.text : show(found));
    const isUsed = found.names.length > 0 || found.others.clients.length > 0;
    return isUsed ? exitCodes.problem : exitCodes.ok;
  },
};

const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

function show({ source, names, left, since, countedSince, others, reading, writing }: Usage): string {
  const rows = names.map(({ id, requests, requestAt, boundAt, callers, others: more, hosts, otherHosts }) => {
    const by = callers.slice(0, 3).map(({ router, name }) => `${router} ${name}`);
    const rest = callers.length - by.length + more;
    const last = requestAt === undefined ? `bound ${time(boundAt)}` : time(requestAt);
    const from = shownHosts(hosts.slice(0, 3), hosts.length - Math.min(3, hosts.length) + otherHosts);
    return [id, `${requests}`, last, [...by, ...(rest > 0 ? [`${rest} more`] : [])].join(", "), from];
  });
  const from = time(Math.max(since, countedSince));
  const parts = [
    rows.length === 0
      ? `No name of ${source} was used since ${from}.\n`
      : showTable(["NAME", "REQUESTS", "LAST", "BY", "FROM"], rows),
    left > 0 ? `${left} more names.\n` : "",
    countedSince > since ? `Counted since ${from} only.\n` : "",
    ...reading.map((name) => `The mirror ${name} reads it.\n`),
    ...writing.map((name) => `The mirror ${name} writes to it.\n`),
    ...others.clients.map(
      ({ address, watches, example }) => `${address} watches ${watches} nodes, such as ${example}.\n`,
    ),
    ...others.unknown.map((why) => `Not known who else uses it: ${why}.\n`),
  ];
  return parts.join("");
}
