/** What people should know of a shift beside its numbers, a sentence each: callers whom weights do not reach, what misleads. */
import { MOST_NAMES } from "./followed-shift.ts";
import { showScope } from "./shift-scope-text.ts";
import type { SideStatus, StatusParts } from "./shift-side-status.ts";
import type { Side } from "./shift.ts";
import { onBothSides, type ShiftedName } from "./shifted-name.ts";

/** Of what there may be hundreds of. */
const TOLD = 5;

export function notesOf(parts: StatusParts, sides: Readonly<Record<Side, SideStatus>>): readonly string[] {
  return [...ordersOf(parts), ...unusable(parts, sides), ...doubles(parts.names), ...prefixOf(parts), ...beside(parts)];
}

/** What is in force here, and what is to be done. */
function* ordersOf({ shift: { plan, stage }, weights, override, isHere, host }: StatusParts): Generator<string> {
  if (!isHere) {
    yield `this host, ${host}, is not in its scope (${showScope(plan.scope)}): nothing is shifted or judged here`;
  }
  if (override !== undefined) {
    yield "the override file of this host wins over what is ordered, and nothing is judged meanwhile";
  }
  if (stage.state === "done" && weights !== undefined) {
    yield `have the file lead ${plan.path} to ${plan.to} before it is acknowledged: then the file rules again`;
  }
}

function* unusable({ weights, names }: StatusParts, sides: Readonly<Record<Side, SideStatus>>): Generator<string> {
  if (weights === undefined) return;
  for (const side of ["from", "to"] as const) {
    const { name, problem } = sides[side];
    const rest = side === "from" ? "to" : "from";
    const meanwhile = `all goes to \`${rest}\` meanwhile, whatever its weight`;
    if (problem !== undefined) {
      yield `\`${side}\` (${name}) cannot be used: ${problem}; ${meanwhile}`;
      continue;
    }
    const without = names.filter(({ targets }) => targets[side].problem !== undefined);
    for (const each of without.slice(0, TOLD)) {
      yield `\`${side}\` of ${each.name} on the router ${each.router} cannot be used: ${each.targets[side].problem}; ${meanwhile}`;
    }
    if (without.length > TOLD) yield `so it is with ${without.length - TOLD} more names`;
  }
}

/** One instance in two registries has the weights of both, and is compared with itself. */
function* doubles(names: readonly ShiftedName[]): Generator<string> {
  const both = names.map(({ targets }) => onBothSides(targets));
  const ids = [...new Set(both.flatMap((each) => [...each.ids]))];
  for (const id of ids.slice(0, TOLD)) yield `both sides lead to ${id}: what it answers is counted on neither`;
  const [first, ...others] = new Set(both.filter((each) => each.ids.size === 0).flatMap((each) => [...each.addresses]));
  if (first === undefined) return;
  const more = others.length === 0 ? " is" : ` and ${others.length} more are`;
  yield `${first}${more} on both sides, in two registries: its share is that of both, and it is compared with itself; linkspan drift tells where it is at home`;
}

function* prefixOf({ shift: { plan }, names }: StatusParts): Generator<string> {
  const below = names.filter(({ name }) => name !== plan.path);
  if (below.length === 0) return;
  yield `${below.length} names below ${plan.path} are judged together, and each by itself`;
  if (below.length >= MOST_NAMES) yield `more than ${MOST_NAMES} names are shifted, and the others not judged`;
}

function* beside({ shift: { plan }, others }: StatusParts): Generator<string> {
  for (const { side, router, name } of others) {
    yield `${name} on the router ${router} leads to \`${side}\` too, and its callers do not follow the weights`;
  }
  yield `whoever looks ${plan.from} up in its registry without this router knows no weights: how many instances are published there, or the address of a gateway, is all that moves those callers`;
}
