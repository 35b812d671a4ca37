/** Delegation tables: ordered rules that rewrite paths. */
import { alt, flatMapLeaves, leaf, type NameTree, neg, showTree, treeEquals } from "./name-tree.ts";
import { type Dentry, readDentries } from "./parser.ts";
import type { Path } from "./path.ts";

/** An immutable list of dentries; later ones win, earlier ones are their fallback. */
export class Dtab {
  readonly dentries: readonly Dentry[];
  #show: string | undefined;
  #index: ReadonlyMap<string | null, readonly number[]> | undefined;

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
    this.#show ??= this.dentries.map(showDentry).join(";");
    return this.#show;
  }

  /** What `path` stands for after one step: `neg`, one tree, or an alt with the last dentry's tree first. */
  lookup(path: Path): NameTree<Path> {
    const trees = this.matches(path).map((dentry) => graft(dentry, path));
    return trees.length > 1 ? alt(trees) : (trees[0] ?? neg);
  }

  /** The dentries that match `path`, the last one first. */
  matches(path: Path): readonly Dentry[] {
    const found: Dentry[] = [];
    for (const dentry of this.#candidates(path)) if (dentry.prefix.matches(path)) found.push(dentry);
    return found;
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

  /** The dentries that may match, the last one first. */
  *#candidates(path: Path): Generator<Dentry> {
    this.#index ??= indexByFirst(this.dentries);
    const first = path.elems[0];
    const labelled = (first === undefined ? undefined : this.#index.get(first)) ?? none;
    const open = this.#index.get(null) ?? none;
    let a = 0;
    let b = 0;
    while (a < labelled.length || b < open.length) {
      const at = (labelled[a] ?? -1) > (open[b] ?? -1) ? labelled[a++] : open[b++];
      yield this.dentries[at as number] as Dentry;
    }
  }
}

/** As a dentry is written in a dtab. */
export function showDentry(dentry: Dentry): string {
  return `${dentry.prefix.show}=>${showTree(dentry.dst)}`;
}

const none: readonly number[] = [];

/** Leaves are what the dentry says, followed by what it did not match. */
function graft(dentry: Dentry, path: Path): NameTree<Path> {
  const rest = path.drop(dentry.prefix.size);
  if (rest.size === 0) return dentry.dst;
  return flatMapLeaves(dentry.dst, (dst) => leaf(dst.concat(rest)));
}

function sameDentry(a: Dentry, b: Dentry): boolean {
  return a.prefix.show === b.prefix.show && treeEquals(a.dst, b.dst, (x, y) => x.equals(y));
}

/**
 * The indexes of the dentries by their first label, in falling order; under `null` those that begin with a wildcard or
 * with nothing.
 */
function indexByFirst(dentries: readonly Dentry[]): ReadonlyMap<string | null, readonly number[]> {
  const index = new Map<string | null, number[]>();
  for (let at = dentries.length - 1; at >= 0; at--) {
    const first = dentries[at]?.prefix.elems[0] ?? null;
    const list = index.get(first);
    if (list) list.push(at);
    else index.set(first, [at]);
  }
  return index;
}
