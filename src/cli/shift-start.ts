/** What `linkspan shift start` says, as the order that the admin port takes. */
import { planDefaults } from "../bridge/shift-plan.ts";
import type { ShiftGuard } from "../bridge/shift.ts";
import { parseDuration } from "../config/units.ts";
import { textFlag, textFlags, UsageError, type Args, type Flag } from "./command.ts";

const HELP = "linkspan shift --help";
const DEFAULTS = planDefaults.guard;

export const startFlags: Readonly<Record<string, Flag>> = {
  from: { doc: "start: the bound name that is left, as /#/io.l5d.curator/users.", value: "NAME" },
  to: { doc: "start: the bound name that is gone to.", value: "NAME" },
  steps: {
    doc: `start: percent of \`to\`, step by step; ${planDefaults.steps.join(",")} if not said.`,
    value: "P,P,...",
  },
  bake: { doc: "start: how long each step lasts at least; 10m if not said.", value: "TIME" },
  guard: {
    doc: `start: a limit, \`success_delta<0.5%\` or \`p99_ratio<1.3\` (these if not said); may be given twice.`,
    value: "LIMIT",
    many: true,
  },
  "min-requests": {
    doc: `start: requests of each side in a step before the next; ${DEFAULTS.minRequests} if not said.`,
    value: "N",
  },
  name: { doc: "start: what the shift is called; the end of its logical name if not said.", value: "NAME" },
  scope: {
    doc: "start: whose requests, `router=web`, `host=web-1,canary-*`, `host=5%` or `zone=eu-1`; all if not said.",
    value: "KEY=NAMES",
    many: true,
  },
  plan: { doc: "start: only plan it; `resume` starts it." },
  force: { doc: "start, resume, ack: though a look at both sides, or at the router's own dtab, says no." },
};

/** Throws UsageError. What only the daemon can judge is left to it. */
export function startOrder(path: string, args: Args): object {
  const needed = (flag: string): string => {
    const text = textFlag(args, flag);
    if (text === undefined) throw new UsageError(`--${flag} is missing`, HELP);
    return text;
  };
  const optional = (flag: string): object => {
    const text = textFlag(args, flag);
    return text === undefined ? {} : { [flag]: text };
  };
  const steps = textFlag(args, "steps");
  const scope = scopeOf(textFlags(args, "scope"));
  const bake = textFlag(args, "bake");
  return {
    path,
    from: needed("from"),
    to: needed("to"),
    ...(steps === undefined ? {} : { steps: steps.split(",").map(Number) }),
    ...(bake === undefined ? {} : { bakeMs: durationOf(bake) }),
    guard: guardOf(args),
    ...optional("name"),
    ...(scope === undefined ? {} : { scope }),
    plan: args.flags["plan"] === true,
  };
}

/** `router=web host=canary-*,web-1 host=5% zone=eu-1`; what else there may be, the daemon answers. */
function scopeOf(texts: readonly string[]): object | undefined {
  const said = texts.filter((text) => text !== "all");
  if (said.length === 0) return undefined;
  const scope: Record<string, unknown> = {};
  for (const text of said) {
    const [, key = "", value = ""] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
    const names = value.split(",").map((name) => name.trim());
    const share = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
    if (key === "")
      throw new UsageError(`--scope ${text}: expected router=LABEL, host=NAME, host=5% or zone=NAME`, HELP);
    if (key === "host" && share !== undefined) scope["hostShare"] = Number(share);
    else scope[SCOPES[key] ?? key] = names;
  }
  return scope;
}

const SCOPES: Readonly<Record<string, string>> = { router: "routers", host: "hosts", zone: "zones" };

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--bake ${text}: expected a time such as 30s or 10m`, HELP);
  return ms;
}

function guardOf(args: Args): Partial<ShiftGuard> {
  const limits = textFlags(args, "guard").map(limitOf);
  const least = textFlag(args, "min-requests");
  return Object.assign({}, ...limits, least === undefined ? {} : { minRequests: Number(least) }) as Partial<ShiftGuard>;
}

/** `success_delta<0.5%`, `p99_ratio<1.3` */
function limitOf(text: string): Partial<ShiftGuard> {
  const [, what, number, percent] = /^\s*(success_delta|p99_ratio)\s*<\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  const value = Number(number) / (percent === "%" ? 100 : 1);
  if (what === "success_delta") return { successDelta: value };
  if (what === "p99_ratio" && percent === "") return { p99Ratio: value };
  throw new UsageError(`--guard ${text}: expected success_delta<0.5% or p99_ratio<1.3`, HELP);
}
