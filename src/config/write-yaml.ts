/** Writes a tree of values as YAML, with the letters that its scalars have. */
import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { typePlainScalar } from "./scalar-value.ts";
import type { MappingNode, ScalarNode, SourceNode } from "./source.ts";

/** What is no longer than this, and has nothing in it but scalars, stands on one line. */
const FLOW_LENGTH = 70;

/** Keys at the top, and what they hold, get lines of their own. */
export function writeYaml(root: MappingNode): string {
  const document = new Document(null, { schema: "failsafe" });
  document.contents = mapping(root, 0);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, indentSeq: false });
}

function yamlOf(node: SourceNode, depth: number): Scalar | YAMLMap | YAMLSeq {
  if (node.kind === "scalar") return scalar(node);
  if (node.kind === "mapping") return mapping(node, depth);
  const list = new YAMLSeq();
  list.items = node.items.map((item) => yamlOf(item, depth + 1));
  list.flow = isShort(node) && (depth > 1 || node.items.every(({ kind }) => kind === "scalar"));
  return list;
}

function mapping(node: MappingNode, depth: number): YAMLMap {
  const map = new YAMLMap();
  for (const [key, { value }] of node.entries) {
    map.items.push(new Pair(text(key), yamlOf(value, depth + 1)) as YAMLMap["items"][number]);
  }
  map.flow = depth > 1 && isShort(node);
  return map;
}

/** A plain scalar of another type than text stays as it was written, and what would be read as one is quoted. */
function scalar({ value, text: letters }: ScalarNode): Scalar {
  if (typeof value === "string") return text(letters);
  const plain = new Scalar(letters === "" ? "null" : letters);
  plain.type = Scalar.PLAIN;
  return plain;
}

function text(letters: string): Scalar {
  const written = new Scalar(letters);
  const isBlock = letters.includes("\n") && !/\r|\t|^\s|[ ]\n/.test(letters);
  if (isBlock) written.type = Scalar.BLOCK_LITERAL;
  else if (isQuoted(letters)) written.type = Scalar.QUOTE_DOUBLE;
  return written;
}

/** Lines that no block can have the library would fold, and lose of white space alone what stands before its end. */
function isQuoted(letters: string): boolean {
  return letters.includes("\n") || !/^[^:?-]/.test(letters) || typeof typePlainScalar(letters) !== "string";
}

function isShort(node: SourceNode): boolean {
  return lengthOf(node) <= FLOW_LENGTH;
}

/** Of a scalar, or of a mapping or list of scalars, and of those in one that stands in a list; else too long. */
function lengthOf(node: SourceNode): number {
  if (node.kind === "scalar") return node.text.includes("\n") ? FLOW_LENGTH + 1 : node.text.length;
  const members =
    node.kind === "list"
      ? node.items.map((item) => ["", item] as const)
      : [...node.entries].map(([key, { value }]) => [key, value] as const);
  return members.reduce((sum, [key, value]) => sum + key.length + 4 + lengthOf(value), 0);
}
