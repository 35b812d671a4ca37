/** Reads what a shift is to do, from an order or a document, and refuses what could not be done. */
import { Path } from "../naming/path.ts";
import { PlanError } from "./plan-error.ts";
import { readScope } from "./shift-scope.ts";
import type { ShiftGuard, ShiftPlan } from "./shift.ts";

/** What is not said. */
export const planDefaults = {
  steps: [1, 10, 50, 100],
  bakeMs: 600_000,
  guard: { successDelta: 0.005, p99Ratio: 1.3, minRequests: 500 },
} as const;

const MAX_STEPS = 50;
const MAX_BAKE_MS = 30 * 86_400_000;
/** A key of every store: of a ZooKeeper node, a Consul key, and, with a prefix, the name of a Kubernetes object. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Throws a PlanError. */
export function readPlan(input: unknown): ShiftPlan {
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw new PlanError("plan", "is no mapping");
  const given = input as Readonly<Record<string, unknown>>;
  if (given["router"] !== undefined) throw new PlanError("router", "is said in `scope`, as {routers: [LABEL]}");
  const path = pathOf(given, "path");
  const [from, to] = [pathOf(given, "from"), pathOf(given, "to")];
  if (from.equals(to)) throw new PlanError("to", "is the same name as `from`");
  if (from.startsWith(path) || to.startsWith(path)) {
    throw new PlanError("path", "begins as `from` or `to` does, which would lead round in a circle");
  }
  return {
    name: nameOf(given["name"] ?? nameFor(path)),
    path: path.show,
    from: from.show,
    to: to.show,
    scope: readScope(given["scope"]),
    steps: stepsOf(given["steps"] ?? planDefaults.steps),
    bakeMs: numberOf(given["bakeMs"] ?? planDefaults.bakeMs, "bakeMs", 0, MAX_BAKE_MS),
    guard: guardOf(given["guard"] ?? {}),
  };
}

/** The last element of a logical name, where it can be a name. Else it has to be said. */
function nameFor(path: Path): string | undefined {
  return path.elems.at(-1)?.toLowerCase();
}

function nameOf(name: unknown): string {
  if (typeof name === "string" && NAME.test(name)) return name;
  throw new PlanError("name", "is at most 40 lower-case letters, digits and dashes");
}

function pathOf(given: Readonly<Record<string, unknown>>, key: string): Path {
  const text = given[key];
  if (typeof text !== "string" || text === "") throw new PlanError(key, "is missing");
  if (!text.startsWith("/")) throw new PlanError(key, `begins with \`/\`, as /svc/users does`);
  let path: Path;
  try {
    path = Path.read(text);
  } catch (error) {
    throw new PlanError(key, `is no path: ${(error as Error).message}`);
  }
  if (path.size === 0) throw new PlanError(key, "is the empty path");
  return path;
}

function stepsOf(steps: unknown): readonly number[] {
  const isList = Array.isArray(steps) && steps.length > 0 && steps.length <= MAX_STEPS;
  if (!isList) throw new PlanError("steps", `are 1 to ${MAX_STEPS} percentages`);
  const read = steps.map((each: unknown) => numberOf(each, "steps", 0.01, 100, "percentages of 0.01 to 100"));
  const hasTwoDecimals = read.every((each) => Math.round(each * 100) / 100 === each);
  if (!hasTwoDecimals) throw new PlanError("steps", "have at most two decimals");
  if (!read.every((each, at) => at === 0 || each > (read[at - 1] as number))) {
    throw new PlanError("steps", "must rise");
  }
  if (read.at(-1) !== 100) throw new PlanError("steps", "must end with 100");
  return read;
}

function guardOf(guard: unknown): ShiftGuard {
  if (typeof guard !== "object" || guard === null) throw new PlanError("guard", "is no mapping");
  const { successDelta, p99Ratio, minRequests } = { ...planDefaults.guard, ...guard } as Record<
    keyof ShiftGuard,
    unknown
  >;
  const requests = numberOf(minRequests, "guard.minRequests", 1, 1e9);
  if (!Number.isInteger(requests)) throw new PlanError("guard.minRequests", "is a whole number");
  return {
    successDelta: numberOf(successDelta, "guard.successDelta", 0, 1),
    p99Ratio: numberOf(p99Ratio, "guard.p99Ratio", 1, 1_000),
    minRequests: requests,
  };
}

function numberOf(
  value: unknown,
  key: string,
  min: number,
  max: number,
  what = `a number of ${min} to ${max}`,
): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new PlanError(key, key === "steps" ? `are ${what}` : `is ${what}`);
}
