/** The shifts of a daemon at the admin port: what there is, and orders. */
import type { NoShifts, Orderer, ShiftDesk } from "../bridge/shift-desk.ts";
import type { Ordered } from "../bridge/shift-orders.ts";
import { PlanError } from "../bridge/plan-error.ts";
import { readPlan } from "../bridge/shift-plan.ts";
import type { Verb } from "../bridge/shift.ts";
import { isJson, MAX_BODY, readBody } from "./request-body.ts";
import { type AdminHandler, type AdminRoute, sendJson } from "./server.ts";

/** What can be ordered of a shift that there is. */
const ORDERS = ["pause", "resume", "rollback", "ack"] as const satisfies readonly Verb[];

/** The paths of whatever changes a shift. */
export const SHIFT_ORDERS: readonly string[] = ["start", ...ORDERS].map((verb) => `/api/shifts/${verb}`);

const NO_STORE =
  "shifts have no place to be kept in: set `control.store` or `snapshot.path` in the file, or $STATE_DIRECTORY";

/** Seen, it is no mistake: the page asks every daemon. */
const noShifts: NoShifts = { shifts: [], problem: NO_STORE };

/** `desk` is absent where shifts have no store. */
export function shiftRoutes(desk: ShiftDesk | undefined): readonly AdminRoute[] {
  const view: AdminHandler = async (_, response) => {
    sendJson(response, desk === undefined ? noShifts : await desk.view());
  };
  const taking = (order: (desk: ShiftDesk, body: Body) => Promise<Ordered>): AdminHandler => {
    return async ({ raw }, response) => {
      if (!isJson(raw)) return sendJson(response, { error: "expected application/json" }, 415);
      const text = await readBody(raw);
      if (text === undefined) return sendJson(response, { error: `more than ${MAX_BODY} bytes` }, 413);
      const body = mappingIn(text);
      if (body === undefined) return sendJson(response, { error: "expected a JSON object" }, 400);
      if (desk === undefined) return sendJson(response, { error: NO_STORE }, 409);
      const { status, answer } = await ordered(() => order(desk, body));
      sendJson(response, answer, status);
    };
  };
  return [
    { method: "GET", path: "/api/shifts", handle: view },
    {
      method: "POST",
      path: "/api/shifts/start",
      readsBody: true,
      handle: taking(async (to, body) =>
        to.begin(readPlan(body), body["plan"] === true ? "plan" : "start", ordererOf(body), body["force"] === true),
      ),
    },
    ...ORDERS.map((verb): AdminRoute => ({
      method: "POST",
      path: `/api/shifts/${verb}`,
      readsBody: true,
      // The way back is what somebody wants at once who sees the numbers.
      isOnPage: verb === "rollback",
      handle: taking(async (to, body) => to.order(String(body["name"]), verb, ordererOf(body), body["force"] === true)),
    })),
  ];
}

type Body = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly answer: object;
}

/** 200: it is so now; 400: no plan; 409: it may not be; 424: the store, on which it depends, does not take it. */
async function ordered(order: () => Promise<Ordered>): Promise<Answer> {
  try {
    const result = await order();
    if (result.tag === "refused") {
      const { why, shift } = result;
      return { status: 409, answer: { error: why, ...(shift === undefined ? {} : { shift }) } };
    }
    return { status: 200, answer: { result: result.tag, shift: result.shift } };
  } catch (error) {
    if (error instanceof PlanError) return { status: 400, answer: { error: error.message, key: error.key } };
    return { status: 424, answer: { error: `the store did not take the order: ${(error as Error).message}` } };
  }
}

const LONGEST = 500;

function ordererOf({ who, reason }: Body): Orderer {
  const text = (value: unknown, other: string): string =>
    typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, LONGEST) : other;
  return { who: text(who, "somebody on this host"), why: text(reason, "no reason was given") };
}

function mappingIn(text: string): Body | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Body) : undefined;
  } catch {
    return undefined;
  }
}
