/** Delegation tables: ordered rules that rewrite paths. */
import { atOnce, ITEMS_A_STEP } from "../base/turn.ts";
import { type Dentry, showDentry } from "./dentry.ts";
import { alt, flatMapLeaves, leaf, type NameTree, neg, treeEquals } from "./name-tree.ts";
import { readDentries } from "./parser.ts";
import type { Path } from "./path.ts";
import { PrefixTree } from "./prefix-tree.ts";

const none: readonly Dentry[] = Object.freeze([]);

/** An immutable list of dentries; later ones win, earlier ones are their fallback. */
export class Dtab {
  readonly dentries: readonly Dentry[];
  #show: string | undefined;
  #lines: readonly string[] | undefined;
  #index: PrefixTree<number> | undefined;

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
    const found = this.#indexed.matching(path);
    if (found.length === 0) return none;
    return found.sort((a, b) => b - a).map((at) => this.dentries[at] as Dentry);
  }

  /** The dentries that match any of the paths that begin as `beginning`. */
  mayMatch(beginning: Path): readonly Dentry[] {
    const found = new Set([...this.#indexed.matching(beginning), ...this.#indexed.below(beginning)]);
    return Array.from(found, (at) => this.dentries[at] as Dentry);
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

  get #indexed(): PrefixTree<number> {
    this.#index ??= atOnce(indexing(this.dentries));
    return this.#index;
  }
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

/** By their prefixes, where they stand. */
function* indexing(dentries: readonly Dentry[]): Generator<void, PrefixTree<number>> {
  const index = new PrefixTree<number>();
  for (const [at, { prefix }] of dentries.entries()) {
    if (at % ITEMS_A_STEP === 0) yield;
    index.add(prefix, at);
  }
  return index;
}
