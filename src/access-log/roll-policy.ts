/** When the file of an access log is put aside for a new one, in Linkerd 1's words. */

export type RollPolicy =
  | { readonly kind: "never" | "hourly" | "daily" }
  /** `day` from 0, Sunday: its midnight begins a file. */
  | { readonly kind: "weekly"; readonly day: number }
  | { readonly kind: "size"; readonly bytes: number };

/** Of names in the singular, in lower case. */
const UNITS: Readonly<Record<string, number>> = {
  byte: 1,
  kilobyte: 1_024,
  megabyte: 1_024 ** 2,
  gigabyte: 1_024 ** 3,
  terabyte: 1_024 ** 4,
};

/** Throws an Error with a sentence. `sighup` is `never`: a file that was moved is opened anew in any case. */
export function readRollPolicy(text: string): RollPolicy {
  const lower = text.trim().toLowerCase();
  if (lower === "never" || lower === "sighup") return { kind: "never" };
  if (lower === "hourly" || lower === "daily") return { kind: lower };
  const [, day] = /^weekly\(([1-7])\)$/.exec(lower) ?? [];
  if (day !== undefined) return { kind: "weekly", day: Number(day) - 1 };
  const [, number, unit = ""] = /^(\d{1,12})\.([a-z]+?)s?$/.exec(lower) ?? [];
  const factor = UNITS[unit];
  if (number === undefined || factor === undefined || Number(number) === 0) {
    throw new Error(`${JSON.stringify(text)} says no time and no size`);
  }
  return { kind: "size", bytes: Number(number) * factor };
}

/**
 * Names the time that a file is for, by the local clock: `20261127-15` of an hour, `20261127` of a day or a week; "" of
 * files that no time ends.
 */
export function periodOf(policy: RollPolicy, wallMs: number): string {
  const at = new Date(wallMs);
  if (policy.kind === "hourly") return `${dayOf(at)}-${two(at.getHours())}`;
  if (policy.kind === "daily") return dayOf(at);
  if (policy.kind !== "weekly") return "";
  const since = (at.getDay() - policy.day + 7) % 7;
  return dayOf(new Date(at.getFullYear(), at.getMonth(), at.getDate() - since));
}

/** Names a moment, for a file that is put aside for its size. */
export function momentOf(wallMs: number): string {
  const at = new Date(wallMs);
  return `${dayOf(at)}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

function dayOf(at: Date): string {
  return `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
