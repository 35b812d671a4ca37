/** What is printed of drift. */
import type { Drift, NameDrift } from "../bridge/drift-book.ts";
import { DRIFT_CLASSES } from "../bridge/drift.ts";
import { showTable } from "./table.ts";

export interface ShownDrift extends Drift {
  readonly mirror: string;
  readonly role?: string;
  readonly leader?: string;
}

const SECOND = 1_000;

export function showDrift(all: readonly ShownDrift[]): string {
  if (all.length === 0) return "There are no mirrors.\n";
  const heading = ["MIRROR", ...DRIFT_CLASSES.map((each) => each.toUpperCase())];
  const totals = showTable(
    heading,
    all.map(({ mirror, counts }) => [mirror, ...DRIFT_CLASSES.map((each) => `${counts[each]}`)]),
  );
  const rows = all.flatMap(({ names }) => names.flatMap(rowsOf));
  const details =
    rows.length === 0 ? "" : `\n${showTable(["TARGET", "CLASS", "INSTANCE", "ADDRESS", "AGE", "ABOUT"], rows)}`;
  const others = all.filter(({ role }) => role !== undefined && role !== "leading").map(elsewhere);
  return `${totals}${details}${others.join("")}`;
}

function rowsOf({ target, instances, trouble }: NameDrift): readonly (readonly string[])[] {
  const rows = instances.map((each) => {
    const age = each.ageMs < SECOND ? "new" : `${Math.floor(each.ageMs / SECOND)} s`;
    return [target, each.class, each.id, each.address, age, each.about ?? ""];
  });
  return trouble === undefined ? rows : [...rows, [target, "unknown", "-", "-", "-", trouble]];
}

const elsewhere = ({ mirror, role, leader }: ShownDrift): string =>
  `${mirror} is ${role} here: ${leader === undefined ? "who leads is not known" : `ask ${leader}`}.\n`;
