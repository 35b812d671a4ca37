/** A file that has been read, as plain data that another thread can be given: values, their letters, and where they stand. */
import { lineAt, lineStartsOf, Source, type SourceNode } from "./source.ts";

/**
 * Letters are left out where they are what the value is written as anyway. Places are offsets in the file: of keys, of
 * lists and mappings, and of the first letter of each line of a text; they are left out for threads that show none.
 */
export type PackedNode =
  | readonly ["scalar", value: string | number | boolean | null, text?: string | undefined, lines?: readonly number[]]
  | readonly ["list", items: readonly PackedNode[], start?: number]
  | readonly ["mapping", entries: readonly PackedEntry[], start?: number];

type PackedEntry = readonly [key: string, value: PackedNode, start?: number];

export interface PackedSource {
  readonly file: string;
  readonly root: PackedNode | undefined;
  /** Where the lines of the file begin, if places are kept. */
  readonly lineStarts?: readonly number[];
}

export function packSource({ file, root, lineStarts }: Source): PackedSource {
  return { file, root: root && placed(root), lineStarts };
}

/**
 * What a thread needs that binds no names: without places, and without namers, mirrors, announcers and
 * dtabs, which may be most of a file.
 */
export function packForWorkers({ file, root }: Source): PackedSource {
  if (root?.kind !== "mapping") return { file, root: root && pack(root) };
  const entries = [...root.entries].filter(([key]) => key !== "namers" && key !== "mirrors");
  const withoutNaming = (node: SourceNode): PackedNode => {
    if (node.kind !== "list") return pack(node);
    return ["list", node.items.map((router) => pack(without(router, "dtab", "announcers")))];
  };
  const packed = entries.map(
    ([key, { value }]) => [key, key === "routers" ? withoutNaming(value) : pack(value)] as const,
  );
  return { file, root: ["mapping", packed] };
}

function without(node: SourceNode, ...keys: readonly string[]): SourceNode {
  if (node.kind !== "mapping") return node;
  return { ...node, entries: new Map([...node.entries].filter(([name]) => !keys.includes(name))) };
}

/** Without places, everything in it stands at the file's first letter. */
export function unpackSource({ file, root, lineStarts }: PackedSource): Source {
  return new Source(file, "", root && unpack(root), lineStarts);
}

function placed(node: SourceNode): PackedNode {
  const { start } = node;
  if (node.kind === "list") return ["list", node.items.map(placed), start];
  if (node.kind === "mapping") {
    return ["mapping", [...node.entries].map(([key, { value, keyStart }]) => [key, placed(value), keyStart]), start];
  }
  const { value, text } = node;
  const lines = lineStartsOf(text).map((at) => node.locate(at));
  return ["scalar", value, text === String(value) ? undefined : text, lines];
}

function pack(node: SourceNode): PackedNode {
  if (node.kind === "list") return ["list", node.items.map(pack)];
  if (node.kind === "mapping") return ["mapping", [...node.entries].map(([key, { value }]) => [key, pack(value)])];
  const { value, text } = node;
  return text === String(value) ? ["scalar", value] : ["scalar", value, text];
}

function unpack(packed: PackedNode): SourceNode {
  if (packed[0] === "scalar") return unpackScalar(packed);
  const [, , start = 0] = packed;
  if (packed[0] === "list") return { kind: "list", items: packed[1].map(unpack), start, end: start };
  const entries = packed[1].map(([key, value, keyStart]) => {
    const keyEnd = keyStart === undefined ? 0 : keyStart + key.length;
    return [key, { keyStart: keyStart ?? 0, keyEnd, value: unpack(value) }] as const;
  });
  return { kind: "mapping", entries: new Map(entries), start, end: start };
}

function unpackScalar([, value, text = String(value), lines]: Extract<
  PackedNode,
  readonly ["scalar", ...unknown[]]
>): SourceNode {
  if (lines === undefined) return { kind: "scalar", value, text, locate: () => 0, start: 0, end: 0 };
  const start = lines[0] ?? 0;
  // No more than a line's beginning is kept: letters within it stand side by side.
  let begins: readonly number[] | undefined;
  const locate = (offset: number): number => {
    begins ??= lineStartsOf(text);
    const line = lineAt(begins, offset) - 1;
    return (lines[line] ?? start) + offset - (begins[line] ?? 0);
  };
  return { kind: "scalar", value, text, locate, start, end: start + text.length };
}
