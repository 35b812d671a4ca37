/** Which lines of a dtab are gone in another, and which have come. */
import { ITEMS_A_STEP } from "../base/turn.ts";
import type { Dtab } from "../naming/dtab.ts";

interface ChangedLines {
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

/**
 * `undefined` where both are the same; no line is gone or has come where their order alone differs, which matters since
 * later lines win. A piece a value.
 */
export function* changedLines(before: Dtab, after: Dtab): Generator<void, ChangedLines | undefined> {
  for (const dtab of [before, after]) yield* dtab.prepare();
  if (before.show === after.show) return undefined;
  return { gone: yield* without(before.lines, after.lines), come: yield* without(after.lines, before.lines) };
}

function* without(lines: readonly string[], others: readonly string[]): Generator<void, readonly string[]> {
  const left = new Map<string, number>();
  for (const [at, line] of others.entries()) {
    if (at % ITEMS_A_STEP === 0) yield;
    left.set(line, (left.get(line) ?? 0) + 1);
  }
  const found: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (at % ITEMS_A_STEP === 0) yield;
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    if (count <= 0) found.push(line);
  }
  return found;
}
