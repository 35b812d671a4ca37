/** Takes out of a linkerd.yaml what this version refuses, so that the rest can be read. */
import { type ConfigProblem, isError } from "../config-error.ts";
import type { Config } from "../config.ts";
import type { At } from "../field.ts";
import type { MappingNode, Source, SourceNode } from "../source.ts";

export interface RefusedPart {
  /** What is taken out: a key, an entry of a list. */
  readonly at: At;
  readonly why: string;
}

/** What only stands in the wrong place, or has another name now, is to be mended and not left out. */
function isRefusal({ code, message }: ConfigProblem): boolean {
  return (code === "key.refused" || code === "kind.refused") && /is not (?:in this version|served)/.test(message);
}

/** Without one of these a router, or a namer, would lead elsewhere: it goes as a whole. */
const DECISIVE = new Set(["protocol", "identifier", "interpreter", "transformers"]);

/** `undefined` where something else is wrong as well. `source` is the text that the problems are of. */
export function refusedParts(source: Source, problems: readonly ConfigProblem[]): readonly RefusedPart[] | undefined {
  const errors = problems.filter(isError);
  const parts = errors.map((problem) => {
    const at = isRefusal(problem) ? pathOfProblem(source, problem) : undefined;
    return at && { at: partOf(source, at, problem.code), why: problem.message };
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** Where the keys stand that have no effect. */
export function idlePaths({ source, warnings }: Pick<Config, "source" | "warnings">): readonly At[] {
  const idle = warnings.filter(({ code }) => code === "key.idle");
  return idle.flatMap((problem) => [pathOfProblem(source, problem) ?? []]).filter((at) => at.length > 0);
}

/** The tree without what stands at these paths. */
export function without(root: MappingNode, paths: readonly At[]): MappingNode {
  const texts = new Set(paths.map((at) => JSON.stringify(at)));
  const prune = (node: SourceNode, at: At): SourceNode => {
    const isKept = (key: string | number): boolean => !texts.has(JSON.stringify([...at, key]));
    if (node.kind === "list") {
      return { ...node, items: node.items.flatMap((item, key) => (isKept(key) ? [prune(item, [...at, key])] : [])) };
    }
    if (node.kind === "scalar") return node;
    const entries = [...node.entries].filter(([key]) => isKept(key));
    return {
      ...node,
      entries: new Map(entries.map(([key, entry]) => [key, { ...entry, value: prune(entry.value, [...at, key]) }])),
    };
  };
  return prune(root, []) as MappingNode;
}

/** The keys and indexes of what a problem points at. */
export function pathOfProblem(source: Source, { line, column }: ConfigProblem): At | undefined {
  const isThere = (offset: number): boolean => {
    const place = source.placeOf(offset, offset);
    return place.line === line && place.column === column;
  };
  const search = (node: SourceNode, at: At): At | undefined => {
    if (node.kind === "scalar") return isThere(node.start) ? at : undefined;
    if (node.kind === "list") return firstOf(node.items.map((item, key) => () => search(item, [...at, key])));
    return firstOf(
      [...node.entries].map(
        ([key, entry]) =>
          () =>
            isThere(entry.keyStart) ? [...at, key] : search(entry.value, [...at, key]),
      ),
    );
  };
  return source.root && search(source.root, []);
}

function firstOf(searches: readonly (() => At | undefined)[]): At | undefined {
  for (const search of searches) {
    const found = search();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The least that can be left out: of a refused kind what has it, or the router or namer that would change without. */
function partOf(source: Source, at: At, code: string): At {
  const decisive = at.findIndex((step) => DECISIVE.has(String(step)));
  if (decisive > 0 && (at[0] === "routers" || at[0] === "namers")) return at.slice(0, 2);
  if (code === "key.refused") return at;
  const holder = at.slice(0, -1);
  return source.node(holder) === undefined ? at : holder;
}
