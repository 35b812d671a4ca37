/** `explain` against a configuration: its registries are asked anew, without a daemon. */
import { readAskedName } from "../naming/asked-name.ts";
import { Dtab } from "../naming/dtab.ts";
import { placesOf } from "../naming/explained-rules.ts";
import { type ExplainAnswer, explanationOf } from "../naming/explanation.ts";
import { Path } from "../naming/path.ts";
import { settled } from "../naming/settled.ts";
import { noAnswer } from "../naming/verdict.ts";
import type { Config, RouterConfig } from "../config/config.ts";
import { UsageError, type CommandContext } from "./command.ts";
import { EXPLAIN_HELP, parsing, type Question, routerOf } from "./explain-question.ts";
import { readConfig } from "./read-config.ts";

export async function askFile(file: string, question: Question, context: CommandContext): Promise<ExplainAnswer> {
  const config = await readConfig(file, context);
  const router = routerOf(config, question.router);
  if (mayShift(config)) context.io.err(`${WITHOUT_SHIFTS}\n`);
  const { path, local, request } = await namedBy(question, config, router, context);
  await using naming = await context.roots.openNaming(config);
  const interpreter = naming.interpreterFor(router);
  const { clock } = context.roots;
  const explain = () => interpreter.delegate(local.dtab, path);
  const delegation = await settled({ explain, timeoutMs: question.timeoutMs, clock });
  const placeOf = placesOf({ router: { dtab: router.dtab, places: router.dtabPlaces.shown }, local });
  const about = { at: clock.wall(), router: router.label, ...(request === undefined ? {} : { request }) };
  if (delegation !== undefined) return { ...explanationOf(delegation, placeOf), ...about };
  const root = { kind: "pending", path: path.show, taken: false } as const;
  const { kind, message } = noAnswer;
  const nothing = { state: "pending", steps: 0, chosen: [], rules: [], services: {} } as const;
  return { path: path.show, verdict: kind, message, root, ...nothing, ...about };
}

const WITHOUT_SHIFTS =
  "linkspan: weights of shifts that run, and of the override file, are not applied here: linkspan explain --admin URL NAME asks the daemon";

/** Whether the file says where orders lie, which only a daemon follows. */
function mayShift({ control: { store, override }, snapshot }: Config): boolean {
  return store !== undefined || override !== undefined || snapshot.path !== undefined;
}

interface Named {
  readonly path: Path;
  readonly local: Question["local"];
  readonly request?: NonNullable<ExplainAnswer["request"]>;
}

/** What the question is about, by the identifiers of that router where it is a request. */
export async function namedBy(
  { name = "", request, local }: Question,
  config: Config,
  router: RouterConfig,
  { roots }: CommandContext,
): Promise<Named> {
  if (request === undefined) return { path: parsing(() => readAskedName(name, router.dstPrefix), "NAME"), local };
  const identified = await roots.identify(config, router, request.asked);
  if (identified.kind === "refused") throw new UsageError(`--request: ${identified.message}`, EXPLAIN_HELP);
  const text = [identified.local, local.text].filter((each) => each !== "").join(";");
  return { path: Path.read(identified.path), local: { text, dtab: Dtab.read(text) }, request: identified };
}
