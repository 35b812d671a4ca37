/** `/api/explain`: why a name or a request goes where it goes, by the router's dtab or by another; for the CLI and the page. */
import type { Clock } from "../base/time.ts";
import type { RouterConfig } from "../config/config.ts";
import type { Var } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import { readAskedName } from "../naming/asked-name.ts";
import { readAskedRequest } from "../naming/asked-request.ts";
import { Dtab } from "../naming/dtab.ts";
import { showDentry } from "../naming/dentry.ts";
import { placesOf } from "../naming/explained-rules.ts";
import { type ExplainAnswer, type ExplainQuestion, explanationOf } from "../naming/explanation.ts";
import { ParseError } from "../naming/parser.ts";
import { Path } from "../naming/path.ts";
import { settled } from "../naming/settled.ts";
import type { ExplainSource } from "./explain-source.ts";
import { liveRouteOf } from "./live-route.ts";
import type { Questions } from "./questions.ts";
import { isJson, MAX_BODY, readBody } from "./request-body.ts";
import { type AdminRoute, sendJson } from "./server.ts";
import type { AdminSource } from "./state.ts";

const TIMEOUT_MS = 2_000;
/** What has failed is what requests meet now, but for a name that nobody asked for before. */
const RECOVERY_MS = 250;
/** Alternatives that decide nothing hold up an answer no longer. */
const OTHERS_MS = 25;

/** What a question got no explanation for. */
class Refusal extends Error {
  readonly status: number;
  /** Which part of the question is wrong, and where in it. */
  readonly about: { readonly part?: keyof ExplainQuestion; readonly offset?: number };
  constructor(status: number, message: string, about: Refusal["about"] = {}) {
    super(message);
    this.status = status;
    this.about = about;
  }
}

export interface ExplainParts {
  readonly source: ExplainSource;
  /** What the routers do now. */
  readonly state: AdminSource;
  readonly clock: Clock;
  readonly questions: Questions;
}

export function explainRoutes(parts: ExplainParts): readonly AdminRoute[] {
  return [
    {
      method: "POST",
      path: "/api/explain",
      isQuestion: true,
      handle: async ({ raw }, response) => {
        if (!isJson(raw)) return sendJson(response, { error: "expected application/json" }, 415);
        const body = await readBody(raw);
        if (body === undefined) return sendJson(response, { error: `more than ${MAX_BODY} bytes` }, 413);
        try {
          const answer = await parts.questions.ask(() => answerTo(questionIn(body), parts));
          if (answer === undefined) throw new Refusal(503, "too many questions are open on this port");
          sendJson(response, answer);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          sendJson(response, { error: error.message, ...error.about }, error.status);
        }
      },
    },
    {
      method: "GET",
      path: "/api/dtabs",
      handle: (_, response) => sendJson(response, { routers: parts.source.routers().map(dtabOf) }),
    },
  ];
}

/** What the page begins with. */
function dtabOf({ label, protocol, dstPrefix, dtab }: RouterConfig): object {
  return { label, protocol, dstPrefix: dstPrefix.show, dtab: dtab.dentries.map(showDentry).join(" ;\n") };
}

async function answerTo(question: ExplainQuestion, parts: ExplainParts): Promise<ExplainAnswer> {
  const { source, state, clock } = parts;
  const router = routerOf(source.routers(), question.router);
  const given = readDtab(question, "dtab");
  const { path, local, request } = await namedBy(question, router, source);
  const interpreter = source.interpreterFor(router);
  const explain = (): Var<Delegation> => {
    if (given === undefined) return interpreter.delegate(local.dtab, path);
    const explained = interpreter.delegateBy?.(given.dtab.concat(source.overlay(router)).concat(local.dtab), path);
    if (explained !== undefined) return explained;
    throw new Refusal(501, `the interpreter of ${router.label} explains by its own dtab only`, { part: "dtab" });
  };
  const timeoutMs = Math.min(TIMEOUT_MS, Math.max(1, question.timeoutMs ?? TIMEOUT_MS));
  // What the workers do is asked of them meanwhile.
  const isAsItIs = given === undefined && local.dtab.size === 0;
  const live = isAsItIs ? liveRouteOf(state, router.label, path.show) : Promise.resolve(undefined);
  const delegation = await settled({ explain, timeoutMs, clock, recoveryMs: RECOVERY_MS, othersMs: OTHERS_MS });
  if (delegation === undefined) throw new Refusal(503, "the router did not explain it in time");
  const own = given === undefined ? { router: { dtab: router.dtab, places: router.dtabPlaces.shown } } : { given };
  const seen = await live;
  return {
    ...explanationOf(delegation, placesOf({ ...own, local })),
    at: clock.wall(),
    router: router.label,
    ...(request === undefined ? {} : { request }),
    ...(seen === undefined ? {} : { live: seen }),
  };
}

interface SentDtab {
  readonly dtab: Dtab;
  readonly text: string;
}

interface Named {
  readonly path: Path;
  readonly local: SentDtab;
  readonly request?: ExplainAnswer["request"];
}

async function namedBy(question: ExplainQuestion, router: RouterConfig, source: ExplainSource): Promise<Named> {
  const local = readDtab(question, "local") ?? { dtab: Dtab.empty, text: "" };
  const { request: text } = question;
  if (text === undefined) {
    return { path: reading("name", () => readAskedName(question.name ?? "", router.dstPrefix)), local };
  }
  const asked = reading("request", () => readAskedRequest(text));
  const request = await source.identify(router, asked);
  if (request === undefined) throw new Refusal(503, "no thread of the router answered in time");
  if (request.kind === "refused") throw new Refusal(400, request.message, { part: "request" });
  const whole = [request.local, local.text].filter((each) => each !== "").join(";\n");
  return { path: Path.read(request.path), local: { dtab: Dtab.read(whole), text: whole }, request };
}

function readDtab(question: ExplainQuestion, part: "dtab" | "local"): SentDtab | undefined {
  const text = question[part];
  return text === undefined ? undefined : { dtab: reading(part, () => Dtab.read(text)), text };
}

function reading<T>(part: keyof ExplainQuestion, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParseError) throw new Refusal(400, error.message, { part, offset: error.offset });
    if (error instanceof SyntaxError || error instanceof RangeError) throw new Refusal(400, error.message, { part });
    throw error;
  }
}

function routerOf(routers: readonly RouterConfig[], label: string | undefined): RouterConfig {
  const router = label === undefined ? routers[0] : routers.find((each) => each.label === label);
  if (router !== undefined) return router;
  const labels = routers.map((each) => each.label).join(", ");
  throw new Refusal(404, `no router has the label ${label}; there are ${labels}`, { part: "router" });
}

function questionIn(body: string): ExplainQuestion {
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    throw new Refusal(400, "the question is not JSON");
  }
  if (typeof data !== "object" || data === null) throw new Refusal(400, "the question is not an object");
  const said = data as Readonly<Record<string, unknown>>;
  for (const part of ["router", "name", "request", "dtab", "local"] as const) {
    if (said[part] !== undefined && typeof said[part] !== "string")
      throw new Refusal(400, `${part} is no text`, { part });
  }
  if (said["timeoutMs"] !== undefined && typeof said["timeoutMs"] !== "number") {
    throw new Refusal(400, "timeoutMs is no number", { part: "timeoutMs" });
  }
  return said;
}
