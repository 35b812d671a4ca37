/** `linkspan why`: what a request met in a running router, and what was decided about it. */
import type { Decision, RequestRecord } from "../base/request-record.ts";
import { askAdmin, adminFlag } from "./ask-admin.ts";
import { textFlag, UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { exitCodes } from "./roots.ts";
import { showTable } from "./table.ts";

const HELP = "linkspan why --help";

export const why: Command = {
  name: "why",
  summary: "Tell why a request ended as it did: attempts, endpoints, retries, what was refused.",
  positionals: ["[REQUEST-ID]"],
  flags: {
    admin: adminFlag,
    limit: { doc: "How many requests at most; 20 if it is not said.", value: "N" },
    json: { doc: "Print what the admin port says." },
  },
  details:
    "REQUEST-ID is the id of its trace: `linkspan-request-id` of an answer that the router made itself, `l5d-reqid` of\n" +
    "every request as its endpoint gets it, `x-b3-traceid` where traces are Zipkin's. Without one: the last requests that failed, or\n" +
    "needed more than one attempt. Of each worker the last 4096 requests are kept, and 1024 of those.\n" +
    "Exits 1 when no such request is kept, 3 when the router cannot be reached.",
  examples: [
    "linkspan why",
    "linkspan why 5f2d7c1e9a0b3344",
    "linkspan why 5f2d7c1e9a0b3344 --admin http://127.0.0.1:9991 --json",
  ],
  run: runWhy,
};

interface WhyAnswer {
  readonly requests?: readonly RequestRecord[];
  readonly error?: string;
}

async function runWhy(args: Args, context: CommandContext): Promise<number> {
  const [id] = args.positionals;
  const answer = await askAdmin("why", args, context, `/api/why?${queryOf(args, id)}`);
  if (answer === undefined) return exitCodes.unreachable;
  const { requests, error } = answer.data as WhyAnswer;
  if (answer.status === 400) throw new UsageError(error ?? "the router does not understand that", HELP);
  if (requests === undefined) throw new UsageError(`the router answered ${answer.status}`, HELP);
  const { io } = context;
  if (args.flags["json"] === true) io.out(answer.text.endsWith("\n") ? answer.text : `${answer.text}\n`);
  else if (id === undefined) io.out(listOf(requests));
  else io.out(requests.map(storyOf).join("\n"));
  if (requests.length > 0 || id === undefined) return exitCodes.ok;
  io.err(`linkspan: no request with the id ${id} is kept any more, or there was none\nNext: linkspan why\n`);
  return exitCodes.problem;
}

function queryOf(args: Args, id: string | undefined): string {
  const limit = textFlag(args, "limit");
  if (limit !== undefined && !/^\d+$/.test(limit)) throw new UsageError(`--limit ${limit} is not a number`, HELP);
  const query = new URLSearchParams();
  if (id !== undefined) query.set("id", id);
  if (limit !== undefined) query.set("limit", limit);
  return query.toString();
}

function listOf(requests: readonly RequestRecord[]): string {
  if (requests.length === 0) return "No request failed, or needed more than one attempt, of those that are kept.\n";
  const rows = requests.map((each) => [
    each.id,
    timeOf(each.at),
    each.router,
    each.name ?? "-",
    endOf(each),
    `${1 + each.retries + each.requeues}`,
    ms(each.tookMs),
  ]);
  const next = requests.find(({ id }) => id !== "");
  const table = showTable(["ID", "AT", "ROUTER", "NAME", "END", "ATTEMPTS", "TOOK"], rows);
  return next === undefined ? table : `${table}\nNext: linkspan why ${next.id}\n`;
}

/** One request, a line for each thing that it met. */
function storyOf(request: RequestRecord): string {
  const { id, method, name, router, server, at, decisions, tookMs } = request;
  const first = `${id}  ${method} ${name ?? "(no name)"}  by ${router} at ${server}, ${timeOf(at)}`;
  const steps = decisions.map((decision) => [`+${ms(decision.at)}`, sentenceOf(decision)]);
  const where = request.endpoint === undefined ? "" : `, from ${request.endpoint} of ${request.cluster ?? "?"}`;
  const last = [`+${ms(tookMs)}`, `ended: ${endOf(request)} (${request.class})${where}`];
  const lines = [...steps, last].map(([when = "", what = ""]) => `  ${when.padStart(9)}  ${what}`);
  return `${[first, ...lines].join("\n")}\n`;
}

function sentenceOf({ kind, by, because, endpoint, ms: waited }: Decision): string {
  const at = endpoint === undefined ? "" : ` at ${endpoint}`;
  if (kind === "waited") return `waited ${ms(waited ?? 0)}: ${because}`;
  if (kind === "beside") return `slow${at}: sent to a second endpoint too`;
  if (kind === "end") return by === "hedge" ? `slow, and no second attempt: ${because}` : `no ${by}${at}: ${because}`;
  const pause = waited === undefined || waited === 0 ? "at once" : `in ${ms(waited)}`;
  return `${because}${at}: ${by} ${pause}`;
}

function endOf({ status, code }: RequestRecord): string {
  if (code === undefined) return String(status);
  return status === 0 ? code : `${status} ${code}`;
}

const timeOf = (at: number): string => new Date(at).toISOString();
const ms = (value: number): string => `${Math.round(value * 10) / 10} ms`;
