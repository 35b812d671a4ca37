/** A tree of values of which some are made, and others stand in a file. */
import { type Entry, type MappingNode, Source, type SourceNode } from "./source.ts";

/** A node of no file, for a value that was made. */
export function madeNode(value: unknown): SourceNode {
  if (Array.isArray(value)) return madeList((value as readonly unknown[]).map(madeNode));
  if (typeof value === "object" && value !== null) {
    return madeMapping(Object.entries(value).map(([key, each]) => [key, madeNode(each)]));
  }
  const scalar = (value ?? null) as string | number | boolean | null;
  return { kind: "scalar", value: scalar, text: scalar === null ? "" : String(scalar), ...nowhere, locate: () => 0 };
}

export function madeList(items: readonly SourceNode[]): SourceNode {
  return { kind: "list", items, ...nowhere };
}

export function madeMapping(members: readonly (readonly [string, SourceNode])[]): MappingNode {
  const entries = members.map(([key, value]): [string, Entry] => [key, { keyStart: 0, keyEnd: 0, value }]);
  return { kind: "mapping", entries: new Map(entries), ...nowhere };
}

/** The letters of what stands in the file are there; places must be asked of the file itself. */
export function madeSource(file: string, root: MappingNode): Source {
  return new Source(file, "", root);
}

const nowhere = { start: 0, end: 0 } as const;
