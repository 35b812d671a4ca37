/** `linkspan names`: what a running daemon knows of its names. */
import { askAdmin, adminFlag } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

export const names: Command = {
  name: "names",
  summary: "List the names that a running router knows.",
  positionals: [],
  flags: {
    admin: adminFlag,
    search: { doc: "Only names with this in them.", value: "TEXT" },
    held: { doc: "Only names of which a loss is not believed yet." },
    stale: { doc: "Only names that their registry does not confirm now." },
    limit: { doc: "How many rows of each list at most; 1000 if it is not said.", value: "N" },
    json: { doc: "Print what the admin port says." },
  },
  details: "Exits 3 when the router cannot be reached. With --held and --stale names are shown that are either.",
  examples: [
    "linkspan names",
    "linkspan names --held --stale",
    "linkspan names --search users --admin http://10.0.0.7:9990 --json",
  ],
  run: runNames,
};

const DEFAULT_LIMIT = "1000";

/** What is read of the admin port's answer; it may hold more. */
interface NamesAnswer {
  /** Epoch ms. */
  readonly at?: number;
  /** Rows that were left out. */
  readonly left?: number;
  readonly routers: readonly {
    readonly label: string;
    readonly routes: readonly RouteRow[];
    readonly clusters: readonly ClusterRow[];
  }[];
  readonly namers: readonly { readonly prefix: string; readonly watches: readonly WatchRow[] }[];
}

interface RouteRow {
  readonly name: string;
  readonly state: string;
  readonly clusters: readonly string[];
  readonly requests: number;
  readonly failures: number;
}

interface ClusterRow {
  readonly id: string;
  readonly endpoints: readonly { readonly status: string }[];
}

interface WatchRow {
  readonly name: string;
  readonly state: string;
  readonly endpoints?: number;
  readonly cause?: string;
  readonly held?: { readonly until: number; readonly lost: number };
}

async function runNames(args: Args, context: CommandContext): Promise<number> {
  const answer = await askAdmin("names", args, context, `/admin/names?${queryOf(args)}`);
  if (answer === undefined) return exitCodes.unreachable;
  const { text, data } = answer;
  if (args.flags["json"] === true) context.io.out(text.endsWith("\n") ? text : `${text}\n`);
  else context.io.out(show(data as NamesAnswer));
  return exitCodes.ok;
}

function queryOf(args: Args): string {
  const limit = textFlag(args, "limit") ?? DEFAULT_LIMIT;
  if (!/^\d+$/.test(limit)) throw new UsageError(`--limit ${limit} is not a number`, "linkspan names --help");
  const states = [...(args.flags["held"] === true ? ["held"] : []), ...(args.flags["stale"] === true ? ["stale"] : [])];
  const search = textFlag(args, "search");
  const query = new URLSearchParams({ limit });
  if (search !== undefined) query.set("search", search);
  if (states.length > 0) query.set("state", states.join(","));
  return query.toString();
}

function show({ at = 0, left = 0, routers, namers }: NamesAnswer): string {
  const routes = routers.flatMap(({ label, routes, clusters }) =>
    routes.map((route) => [
      label,
      route.name,
      route.state,
      endpointsOf(route, clusters),
      `${route.requests}`,
      `${route.failures}`,
    ]),
  );
  const watches = namers.flatMap(({ prefix, watches }) =>
    watches.map((watch) => {
      const { name, state, endpoints } = watch;
      return [prefix, name, state, `${endpoints ?? "-"}`, aboutOf(watch, at)];
    }),
  );
  const parts = [
    routes.length > 0
      ? showTable(["ROUTER", "NAME", "STATE", "OPEN", "REQUESTS", "FAILURES"], routes)
      : watches.length > 0
        ? ""
        : "There is no such name, or none was asked for yet.\n",
    watches.length > 0 ? showTable(["NAMER", "WATCH", "STATE", "ENDPOINTS", "ABOUT"], watches) : "",
    left > 0 ? `${left} more; see --limit and --search.\n` : "",
    "Next: linkspan explain FILE NAME\n",
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** Open endpoints of all. */
function endpointsOf(route: RouteRow, clusters: readonly ClusterRow[]): string {
  const endpoints = clusters.filter(({ id }) => route.clusters.includes(id)).flatMap((cluster) => cluster.endpoints);
  return `${endpoints.filter(({ status }) => status === "open").length}/${endpoints.length}`;
}

/** What is held of it and for how long at most, and why it is stale. */
function aboutOf({ cause, held }: WatchRow, at: number): string {
  if (held === undefined) return cause ?? "";
  const hold = `${held.lost} lost, held for ${Math.max(0, Math.round((held.until - at) / 1000))} s`;
  return cause === undefined ? hold : `${hold}; ${cause}`;
}
