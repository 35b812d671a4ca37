/** `linkspan explain`: why a name, or a request, goes where it goes, step by step, by the resolver that the data path uses. */
import { type ExplainAnswer } from "../naming/explanation.ts";
import { showExplanation } from "../naming/show-explanation.ts";
import { adminFlag } from "./ask-admin.ts";
import { UsageError, type Args, type Command, type CommandContext } from "./command.ts";
import { askDaemon } from "./explain-daemon.ts";
import { askFile } from "./explain-file.ts";
import { EXPLAIN_HELP, type Place, questionOf } from "./explain-question.ts";
import { exitCodes } from "./roots.ts";

export const explain: Command = {
  name: "explain",
  summary: "Show why a name or a request goes where it goes: rules with their lines, weights, addresses.",
  positionals: ["[FILE]", "[NAME]"],
  flags: {
    admin: { ...adminFlag, doc: "Ask the router that runs there, not the registries by a FILE of one's own." },
    with: { doc: "What if the running router had the dtab of this configuration?", value: "FILE", choices: ["file"] },
    request: { doc: "Begin with a request instead of a NAME.", value: "'GET http://users/x'" },
    header: {
      doc: "A header field of that request; as often as one likes.",
      value: "'NAME: VALUE'",
      short: "H",
      many: true,
    },
    dtab: { doc: "Rules to lay over the router's, as `l5d-dtab` would.", value: "DTAB", short: "d" },
    router: { doc: "The label of the router to ask; the first if not said.", value: "LABEL" },
    timeout: { doc: "How long to wait for registries; a running router waits 2s at most.", value: "5s" },
    json: { doc: "Print the steps as JSON." },
  },
  details:
    "NAME is a logical name such as /svc/users, or a host such as users. What is not taken is in brackets, with the reason.\n" +
    "Exits 0 when it binds to addresses, 1 when it binds to nothing, 3 when a registry or the router did not answer.",
  examples: [
    "linkspan explain linkerd.yaml /svc/users",
    "linkspan explain linkspan.yaml --request 'GET http://users/x' -H 'l5d-dtab: /svc/users => /svc/orders'",
    "linkspan explain --admin http://127.0.0.1:9990 users",
    "linkspan explain --admin http://127.0.0.1:9990 --with new.yaml users --json",
  ],
  run: runExplain,
};

async function runExplain(args: Args, context: CommandContext): Promise<number> {
  const place = placeOf(args);
  const question = questionOf(args, place.name);
  const answer =
    place.kind === "file" ? await askFile(place.file, question, context) : await askDaemon(args, question, context);
  if (answer === undefined) return exitCodes.unreachable;
  print(answer, args, context);
  if (answer.verdict === "bound") return exitCodes.ok;
  return answer.verdict === "nothing" ? exitCodes.problem : exitCodes.unreachable;
}

/** FILE and NAME, of which `--admin` leaves no FILE and `--request` no NAME. */
function placeOf({ positionals, flags }: Args): Place {
  const given = [...positionals];
  const asksDaemon = flags["admin"] !== undefined;
  const file = asksDaemon ? undefined : given.shift();
  const name = flags["request"] === undefined ? given.shift() : undefined;
  const [extra] = given;
  if (extra !== undefined) throw new UsageError(`${extra} is one too many`, EXPLAIN_HELP);
  if (flags["request"] === undefined && name === undefined) {
    const isName = file?.startsWith("/") === true && !/\.(?:ya?ml|json)$/.test(file);
    const next = isName ? `linkspan explain FILE ${file}, or linkspan explain --admin URL ${file}` : EXPLAIN_HELP;
    throw new UsageError("NAME is missing: linkspan explain FILE NAME, or linkspan explain --admin URL NAME", next);
  }
  if (asksDaemon) return { kind: "daemon", name };
  if (file === undefined) throw new UsageError("FILE is missing: linkspan explain FILE NAME", EXPLAIN_HELP);
  if (flags["with"] !== undefined)
    throw new UsageError("--with is about a running router: add --admin URL", EXPLAIN_HELP);
  return { kind: "file", file, name };
}

function print(answer: ExplainAnswer, args: Args, { io }: CommandContext): void {
  if (args.flags["json"] === true) return io.out(`${JSON.stringify(answer, undefined, 2)}\n`);
  const { request, verdict, message, at } = answer;
  if (request !== undefined) {
    const local = request.local === "" ? "" : `, with the dtab ${request.local}`;
    io.out(`${request.identifier} takes the request for ${request.path}${local}\n`);
  }
  io.out(`${showExplanation(answer, at)}\n\n${message}\n`);
  for (const { address, ids } of answer.dual ?? []) io.out(`${address} gets the shares of ${ids.join(" and ")}\n`);
  for (const line of liveLines(answer)) io.out(`${line}\n`);
  if (verdict === "nothing") io.out("Next: look at the rules above, or: linkspan names\n");
  if (verdict === "unanswered") io.out("Next: see whether the registry is up, or wait longer with --timeout\n");
}

/** What a running router does with the name now, where that says more than the steps. */
function liveLines({ live, chosen }: ExplainAnswer): readonly string[] {
  if (live === undefined) return [];
  const ids = new Set(chosen.map(({ id }) => id));
  const differs = live.clusters.length !== ids.size || live.clusters.some((id) => !ids.has(id));
  return [
    ...(differs ? [`Requests go to ${live.clusters.join(", ") || "nobody"} until the addresses above are known.`] : []),
    ...live.closed.map(({ address, status, reason }) => `${address} is ${status}${reason === "" ? "" : `: ${reason}`}`),
  ];
}
