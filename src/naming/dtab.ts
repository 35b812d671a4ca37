/** Delegation tables: ordered rules that rewrite paths. */
import { atOnce, ITEMS_A_STEP } from "../base/turn.ts";
import { type Dentry, showDentry } from "./dentry.ts";
import { alt, flatMapLeaves, leaf, type NameTree, neg, treeEquals } from "./name-tree.ts";
import { readDentries } from "./parser.ts";
import type { Path } from "./path.ts";
import { wildcard } from "./prefix.ts";

/** An immutable list of dentries; later ones win, earlier ones are their fallback. */
export class Dtab {
  readonly dentries: readonly Dentry[];
  #show: string | undefined;
  #lines: readonly string[] | undefined;
  #index: Node | undefined;

  constructor(dentries: readonly Dentry[]) {
    this.dentries = dentries;
  }

  static readonly empty: Dtab = new Dtab([]);

  /** Throws a ParseError. */
  static read(text: string): Dtab {
    const dentries = readDentries(text);
    return dentries.length === 0 ? Dtab.empty : new Dtab(dentries);
  }

  get size(): number {
    return this.dentries.length;
  }

  /** The text that reads back as this dtab; made once. */
  get show(): string {
    this.#show ??= this.lines.join(";");
    return this.#show;
  }

  /** Each dentry as it is written; made once. */
  get lines(): readonly string[] {
    this.#lines ??= this.dentries.map(showDentry);
    return this.#lines;
  }

  /** Makes what is made once and takes long, a piece a value. */
  *prepare(): Generator<void> {
    this.#index ??= yield* indexing(this.dentries);
    if (this.#lines !== undefined) return;
    const lines: string[] = [];
    for (const dentry of this.dentries) if (lines.push(showDentry(dentry)) % ITEMS_A_STEP === 0) yield;
    this.#lines = lines;
  }

  /** What `path` stands for after one step: `neg`, one tree, or an alt with the last dentry's tree first. */
  lookup(path: Path): NameTree<Path> {
    const trees = this.matches(path).map((dentry) => graft(dentry, path));
    return trees.length > 1 ? alt(trees) : (trees[0] ?? neg);
  }

  /** The dentries that match `path`, the last one first. */
  matches(path: Path): readonly Dentry[] {
    this.#index ??= atOnce(indexing(this.dentries));
    const found: number[] = [];
    let level: Node[] = [this.#index];
    for (let at = 0; level.length > 0; at++) {
      for (const node of level) for (const end of node.ends) found.push(end);
      level = at < path.size ? descend(level, path.elems[at] as string) : [];
    }
    return found.sort((a, b) => b - a).map((at) => this.dentries[at] as Dentry);
  }

  /** The dentries that match any of the paths that begin as `beginning`. */
  mayMatch(beginning: Path): readonly Dentry[] {
    this.#index ??= atOnce(indexing(this.dentries));
    let level: Node[] = [this.#index];
    for (const elem of beginning.elems) level = descend(level, elem);
    const below: Dentry[] = [];
    for (let node = level.pop(); node !== undefined; node = level.pop()) {
      for (const end of node.ends) below.push(this.dentries[end] as Dentry);
      level.push(...node.next.values());
    }
    return [...new Set([...this.matches(beginning), ...below])];
  }

  /** This one, with `other` over it. */
  concat(other: Dtab): Dtab {
    if (other.size === 0) return this;
    return this.size === 0 ? other : new Dtab([...this.dentries, ...other.dentries]);
  }

  equals(other: Dtab): boolean {
    if (this === other) return true;
    if (this.size !== other.size) return false;
    return this.dentries.every((mine, at) => sameDentry(mine, other.dentries[at] as Dentry));
  }

  toString(): string {
    return this.show;
  }
}

/** Dentries by the elements of their prefixes. */
interface Node {
  /** Indexes of the dentries whose prefix ends here. */
  readonly ends: number[];
  readonly next: Map<string | null, Node>;
}

/** Leaves are what the dentry says, followed by what it did not match. */
function graft(dentry: Dentry, path: Path): NameTree<Path> {
  const rest = path.drop(dentry.prefix.size);
  if (rest.size === 0) return dentry.dst;
  return flatMapLeaves(dentry.dst, (dst) => leaf(dst.concat(rest)));
}

function sameDentry(a: Dentry, b: Dentry): boolean {
  return a.prefix.show === b.prefix.show && treeEquals(a.dst, b.dst, (x, y) => x.equals(y));
}

function* indexing(dentries: readonly Dentry[]): Generator<void, Node> {
  const root: Node = { ends: [], next: new Map() };
  for (const [at, { prefix }] of dentries.entries()) {
    if (at % ITEMS_A_STEP === 0) yield;
    let node = root;
    for (const elem of prefix.elems) {
      let child = node.next.get(elem);
      if (!child) node.next.set(elem, (child = { ends: [], next: new Map() }));
      node = child;
    }
    node.ends.push(at);
  }
  return root;
}

function descend(level: readonly Node[], elem: string): Node[] {
  const below: Node[] = [];
  for (const { next } of level) {
    const labelled = next.get(elem);
    const any = next.get(wildcard);
    if (labelled) below.push(labelled);
    if (any) below.push(any);
  }
  return below;
}
