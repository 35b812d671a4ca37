/** Linkerd 1's `/delegator.json`: how a name is delegated by a given dtab, all alternatives explored. */
import type { ServerResponse } from "node:http";
import type { Clock } from "../base/time.ts";
import type { Var } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import { Dtab } from "../naming/dtab.ts";
import { ParseError } from "../naming/parser.ts";
import { Path } from "../naming/path.ts";
import { isComplete, settled } from "../naming/settled.ts";
import { delegatorTree, TreeTooLarge } from "./delegator-tree.ts";
import type { ExplainSource } from "./explain-source.ts";
import type { Questions } from "./questions.ts";
import { isJson, MAX_BODY, readBody } from "./request-body.ts";
import { type AdminHandler, type AdminRoute, sendJson, sendText } from "./server.ts";

const TIMEOUT_MS = 2_000;
/** What has failed is what requests meet now, but for a name that nobody asked for before. */
const RECOVERY_MS = 250;

interface Asked {
  readonly namespace: string | undefined;
  readonly dtab: string;
  readonly path: string;
}

export function delegatorRoutes(source: ExplainSource, clock: Clock, questions: Questions): readonly AdminRoute[] {
  const answer = async (asked: Asked, response: ServerResponse): Promise<void> => {
    const dtab = read(() => Dtab.read(asked.dtab), "Invalid dtab", response);
    const path = dtab && read(() => Path.read(asked.path), "Invalid path", response);
    if (dtab === undefined || path === undefined) return;
    const explain = explainerOf(source, asked.namespace, dtab, path);
    if (explain === undefined) {
      return sendText(response, 501, `Name Interpreter for ${asked.namespace} cannot show delegations`);
    }
    const delegation = await questions.ask(() =>
      settled({ explain, timeoutMs: TIMEOUT_MS, clock, recoveryMs: RECOVERY_MS, othersMs: TIMEOUT_MS }),
    );
    if (delegation === undefined || !isComplete(delegation)) return sendText(response, 503, "Request timed out.");
    try {
      sendJson(response, delegatorTree(delegation.root));
    } catch (error) {
      if (!(error instanceof TreeTooLarge)) throw error;
      sendText(response, 503, error.message);
    }
  };
  const get: AdminHandler = ({ url: { searchParams } }, response) => {
    const namespace = searchParams.get("namespace") ?? undefined;
    const dtab = searchParams.get("dtab") ?? "";
    return answer({ namespace, dtab, path: searchParams.get("path") ?? "" }, response);
  };
  const post: AdminHandler = async ({ raw }, response) => {
    if (!isJson(raw)) return sendText(response, 415, "");
    const body = await readBody(raw);
    if (body === undefined) return sendText(response, 413, `more than ${MAX_BODY} bytes`);
    const asked = askedBy(body);
    if (asked === undefined) return sendText(response, 400, `Malformed delegation request: ${body}`);
    return answer(asked, response);
  };
  return [
    { method: "GET", path: "/delegator.json", handle: get },
    { method: "POST", path: "/delegator.json", isQuestion: true, handle: post },
  ];
}

/** The dtab that is sent is all there is above the interpreter's own: the router's is not under it. */
function explainerOf(
  source: ExplainSource,
  namespace: string | undefined,
  dtab: Dtab,
  path: Path,
): (() => Var<Delegation>) | undefined {
  if (namespace === undefined) return () => source.namersAlone().delegate(dtab, path);
  const router = source.routers().find(({ label }) => label === namespace);
  const interpreter = router && source.interpreterFor(router);
  const first = interpreter?.delegateBy?.(dtab, path);
  return first && (() => interpreter?.delegateBy?.(dtab, path) ?? first);
}

function read<T>(parse: () => T, what: string, response: ServerResponse): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    sendText(response, 400, `${what}: ${error.message}`);
    return undefined;
  }
}

function askedBy(body: string): Asked | undefined {
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof data !== "object" || data === null) return undefined;
  const { namespace, dtab, path } = data as Readonly<Record<string, unknown>>;
  if (typeof dtab !== "string" || typeof path !== "string") return undefined;
  return { namespace: typeof namespace === "string" ? namespace : undefined, dtab, path };
}
