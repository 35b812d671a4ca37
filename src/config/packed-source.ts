/** A file that has been read, as plain data that another thread can be given: values and their letters, without places. */
import { Source, type SourceNode } from "./source.ts";

/** Letters are left out where they are what the value is written as anyway. */
export type PackedNode =
  | readonly ["scalar", value: string | number | boolean | null, text?: string]
  | readonly ["list", items: readonly PackedNode[]]
  | readonly ["mapping", entries: readonly (readonly [key: string, value: PackedNode])[]];

export interface PackedSource {
  readonly file: string;
  readonly root: PackedNode | undefined;
}

export function packSource({ file, root }: Source): PackedSource {
  return { file, root: root && pack(root) };
}

/** What a thread needs that binds no names: without namers and dtabs, which may be most of a file. */
export function packForWorkers({ file, root }: Source): PackedSource {
  if (root?.kind !== "mapping") return { file, root: root && pack(root) };
  const entries = [...root.entries].filter(([key]) => key !== "namers");
  const withoutDtabs = (node: SourceNode): PackedNode => {
    if (node.kind !== "list") return pack(node);
    return ["list", node.items.map((router) => pack(without(router, "dtab")))];
  };
  const packed = entries.map(
    ([key, { value }]) => [key, key === "routers" ? withoutDtabs(value) : pack(value)] as const,
  );
  return { file, root: ["mapping", packed] };
}

function without(node: SourceNode, key: string): SourceNode {
  if (node.kind !== "mapping") return node;
  return { ...node, entries: new Map([...node.entries].filter(([name]) => name !== key)) };
}

/** Everything in it stands at the file's first letter. */
export function unpackSource({ file, root }: PackedSource): Source {
  return new Source(file, "", root && unpack(root));
}

function pack(node: SourceNode): PackedNode {
  if (node.kind === "list") return ["list", node.items.map(pack)];
  if (node.kind === "mapping") return ["mapping", [...node.entries].map(([key, { value }]) => [key, pack(value)])];
  const { value, text } = node;
  return text === String(value) ? ["scalar", value] : ["scalar", value, text];
}

const nowhere = { start: 0, end: 0 };

function unpack(packed: PackedNode): SourceNode {
  if (packed[0] === "list") return { kind: "list", items: packed[1].map(unpack), ...nowhere };
  if (packed[0] === "mapping") {
    const entries = packed[1].map(([key, value]) => [key, { keyStart: 0, keyEnd: 0, value: unpack(value) }] as const);
    return { kind: "mapping", entries: new Map(entries), ...nowhere };
  }
  const [, value, text = String(value)] = packed;
  return { kind: "scalar", value, text, locate: () => 0, ...nowhere };
}
