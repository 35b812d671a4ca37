/** `linkspan names`: what a running daemon knows of its names. */
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

export const names: Command = {
  name: "names",
  summary: "List the names that a running router knows.",
  positionals: [],
  flags: {
    admin: { doc: "Where its admin port is.", value: "http://127.0.0.1:9990" },
    json: { doc: "Print what the admin port says." },
  },
  details: "Exits 3 when the router cannot be reached.",
  examples: ["linkspan names", "linkspan names --admin http://10.0.0.7:9990 --json"],
  run: runNames,
};

const DEFAULT_ADMIN = "http://127.0.0.1:9990";
const TIMEOUT_MS = 5000;

/** What is read of the admin port's answer; it may hold more. */
interface NamesAnswer {
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
}

async function runNames(args: Args, { io }: CommandContext): Promise<number> {
  const admin = textFlag(args, "admin") ?? DEFAULT_ADMIN;
  const url = urlOf(admin);
  let text: string;
  let answer: NamesAnswer;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    answer = JSON.parse(text) as NamesAnswer;
  } catch (error) {
    io.err(`linkspan: ${url.origin} cannot be asked: ${reasonOf(error)}\nNext: linkspan run FILE, or --admin URL\n`);
    return exitCodes.unreachable;
  }
  if (args.flags["json"] === true) io.out(text.endsWith("\n") ? text : `${text}\n`);
  else io.out(show(answer));
  return exitCodes.ok;
}

function show({ routers, namers }: NamesAnswer): string {
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
    watches.map(({ name, state, endpoints, cause }) => [prefix, name, state, `${endpoints ?? "-"}`, cause ?? ""]),
  );
  const parts = [
    routes.length > 0
      ? showTable(["ROUTER", "NAME", "STATE", "OPEN", "REQUESTS", "FAILURES"], routes)
      : "No name was asked for yet.\n",
    watches.length > 0 ? showTable(["NAMER", "WATCH", "STATE", "ENDPOINTS", "CAUSE"], watches) : "",
    "Next: linkspan explain FILE NAME\n",
  ];
  return parts.filter((part) => part !== "").join("\n");
}

/** Open endpoints of all. */
function endpointsOf(route: RouteRow, clusters: readonly ClusterRow[]): string {
  const endpoints = clusters.filter(({ id }) => route.clusters.includes(id)).flatMap((cluster) => cluster.endpoints);
  return `${endpoints.filter(({ status }) => status === "open").length}/${endpoints.length}`;
}

function urlOf(admin: string): URL {
  const text = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
  if (!URL.canParse(text)) throw new UsageError(`--admin ${admin} is not a URL`, "linkspan names --help");
  return new URL("/admin/names", text);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error.name === "TimeoutError") return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (!(cause instanceof Error)) return error.message;
  return "code" in cause ? String(cause.code) : cause.message;
}
