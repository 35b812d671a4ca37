/** Concrete paths, and trees of them, as targets of the short form. */
import type { NameTree } from "../../naming/name-tree.ts";
import type { Path } from "../../naming/path.ts";
import type { Targets, Weights } from "../short-schema.ts";

/** How the services of a prefix are written: `PORTED` as `NAMESPACE/SERVICE:PORT`, others as they stand in the path. */
export type Writing = "plain" | "ported";

/** By the name of a source, or the one element of a namer's prefix. */
export type Writings = ReadonlyMap<string, Writing>;

/** `undefined` where no targets lead to that tree. `own` is what stands for `*`. */
export function sayTargets(tree: NameTree<Path>, writings: Writings, own?: string): Targets | undefined {
  const parts = tree.tag === "alt" ? tree.trees : [tree];
  // Whoever has a route of his own gets no further than his list.
  const last = parts.at(-1);
  const kept = last?.tag === "fail" ? parts.slice(0, -1) : parts;
  const said = kept.map((each) => sayPart(each, writings, own));
  if (said.length === 0 || !said.every((each) => each !== undefined)) return undefined;
  const [only] = said;
  return said.length === 1 && only !== undefined ? only : said;
}

function sayPart(tree: NameTree<Path>, writings: Writings, own: string | undefined): string | Weights | undefined {
  if (tree.tag === "leaf") return sayTarget(tree.value, writings, own);
  if (tree.tag !== "union") return undefined;
  const weights: Record<string, number> = {};
  for (const { weight, tree: branch } of tree.branches) {
    const target = branch.tag === "leaf" ? sayTarget(branch.value, writings, own) : undefined;
    if (target === undefined || target in weights) return undefined;
    weights[target] = weight;
  }
  return weights;
}

function sayTarget(path: Path, writings: Writings, own: string | undefined): string | undefined {
  const [first, source = "", ...rest] = path.elems;
  const isOwn = own !== undefined && rest.at(-1) === own;
  const fixed = isOwn ? rest.slice(0, -1) : rest;
  if (own !== undefined && (source === own || fixed.includes(own))) return undefined;
  if (first === "$") return sayAddress(path);
  const writing = writings.get(source);
  // What else an element may have in it could not be told from what stands between them.
  if (writing === undefined || rest.length === 0 || !fixed.every((each) => /^[A-Za-z0-9_.:#-]+$/.test(each)))
    return undefined;
  const elements = isOwn ? [...fixed, "*"] : fixed;
  if (writing === "plain") return [source, ...elements].join("/");
  const [namespace, port, service, more] = elements;
  if (service === undefined || more !== undefined || service.includes(":")) return undefined;
  return `${source}/${namespace}/${service}:${port}`;
}

/** What follows the port an address does nothing with. */
function sayAddress({ elems: [, , host = "", port = ""] }: Path): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
