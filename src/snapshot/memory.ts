/** What was last known of the names of every namer, for when a registry cannot be asked. */
import type { AddressSet } from "../base/address.ts";
import { type AddressSetData, decodeAddresses, encodeAddresses } from "../base/address-data.ts";
import type { Var } from "../base/var.ts";
import { Dtab } from "../naming/dtab.ts";
import { leaf, leaves, mapLeaves, type NameTree, treeEquals } from "../naming/name-tree.ts";
import { Path } from "../naming/path.ts";
import { decodeTree, encodeTree, type TreeData } from "../naming/tree-data.ts";
import { type Recalled, Shelf, type ShelfCodec, type ShelfLine } from "./shelf.ts";

/** A leaf: another path to look up, or a bound id and what of the path is left over. */
type LeafData = { readonly path: string } | { readonly id: string; readonly residual: string };

/** A `Name` whose addresses may have to be found. */
export type KnownName =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "bound"; readonly id: Path; readonly residual: Path; readonly addresses?: Var<AddressSet> };

/** By path as text, without the namer's prefix. */
export interface NamerMemory {
  /** What names stood for. */
  readonly names: Shelf<NameTree<KnownName>>;
  /** By bound id. */
  readonly addresses: Shelf<AddressSet>;
}

type AnyShelf = Pick<Shelf<unknown>, "size" | "load" | "unload" | "prune" | "lines" | "line">;

const nameCodec: ShelfCodec<NameTree<KnownName>> = {
  encode: (tree) => JSON.stringify(encodeTree<KnownName, LeafData>(tree, leafData)),
  decode: (text) => decodeTree<LeafData, KnownName>(JSON.parse(text) as TreeData<LeafData>, knownName),
  equals: (a, b) => treeEquals(a, b, sameName),
  alone: (tree) => mapLeaves(tree, withoutAddresses),
};

const addressCodec: ShelfCodec<AddressSet> = {
  encode: (set) => JSON.stringify(encodeAddresses(set)),
  decode: (text) => decodeAddresses(JSON.parse(text) as AddressSetData),
  equals: (a, b) => a.equals(b),
};

const dtabCodec: ShelfCodec<string> = {
  encode: (text) => JSON.stringify(text),
  decode(line) {
    const text = String(JSON.parse(line));
    Dtab.read(text);
    return text;
  },
  equals: (a, b) => a === b,
};

/** Names of one namer that nobody watches are remembered up to this many. */
const MOST_UNWATCHED = 100_000;

const SORTS = ["names", "addresses"] as const;

/** Of more changes than that since the last copy, a whole copy is as cheap. */
const MOST_CHANGED = 5_000;

/**
 * One a process that has namers. Each line is `sort, namer, path, date, text`, with tabs between; of a dtab its router and
 * place. One without date and text says that this is forgotten.
 */
export class Memory {
  readonly #namers = new Map<string, NamerMemory>();
  readonly #dtabs = new Map<string, Shelf<string>>();
  #changes = 0;
  /** The beginnings of the lines that changed since they were asked for; `undefined` once they are too many. */
  #changed: Set<string> | undefined;

  /** Grows with every change that a written copy would not have. */
  get changes(): number {
    return this.#changes;
  }

  /** Of the namer with that prefix. */
  of(label: string): NamerMemory {
    const known = this.#namers.get(label);
    if (known !== undefined) return known;
    const made = {
      names: new Shelf(nameCodec, (key) => this.#note("names", label, key)),
      addresses: new Shelf(addressCodec, (key) => this.#note("addresses", label, key)),
    };
    this.#namers.set(label, made);
    return made;
  }

  /** Texts of the dtabs that the router with that label has elsewhere than in the configuration, by their place. */
  dtabsOf(router: string): Shelf<string> {
    const known = this.#dtabs.get(router);
    if (known !== undefined) return known;
    const made = new Shelf(dtabCodec, (key) => this.#note("dtabs", router, key));
    this.#dtabs.set(router, made);
    return made;
  }

  /** Lets go of what nobody watches and was last confirmed before `oldest` (epoch ms). */
  prune(oldest: number): void {
    for (const [, , shelf] of this.#shelves()) shelf.prune(oldest, MOST_UNWATCHED);
  }

  /** One line an entry, what is watched first; it may be read slowly, while names change. */
  *lines(): Generator<string> {
    for (const isWatched of [true, false]) {
      for (const [sort, label, shelf] of this.#shelves()) {
        for (const line of shelf.lines(isWatched)) yield lineOf(`${sort}\t${label}\t${line.key}`, line);
      }
    }
  }

  /** Every line from now on: what is to be written whole begins with this. */
  *wholly(): Generator<string> {
    this.#changed = new Set();
    yield* this.lines();
  }

  /** Those that changed since they were asked for last, by this or wholly; `undefined` where they are too many to be told apart. */
  changedLines(): readonly string[] | undefined {
    const changed = this.#changed;
    if (changed === undefined) return undefined;
    this.#changed = new Set();
    return Array.from(changed, (start) => {
      const [sort, label = "", key = ""] = start.split("\t");
      return lineOf(start, this.#shelf(sort, label)?.line(key));
    });
  }

  /** Takes up lines of an earlier process, in their order; `writtenAt` dates what was watched then. */
  load(lines: Iterable<string>, writtenAt: number): void {
    for (const line of lines) {
      const [sort, label, key, at, text] = line.split("\t");
      if (label === undefined || key === undefined) continue;
      const shelf = this.#shelf(sort, label);
      if (at === undefined) shelf?.unload(key);
      else if (text !== undefined) shelf?.load(key, at === "" ? writtenAt : Number(at), text);
    }
  }

  /** How many lines it has. */
  get size(): number {
    let size = 0;
    for (const [, , shelf] of this.#shelves()) size += shelf.size;
    return size;
  }

  #note(sort: string, label: string, key: string): void {
    this.#changes++;
    this.#changed?.add(`${sort}\t${label}\t${key}`);
    if (this.#changed !== undefined && this.#changed.size > MOST_CHANGED) this.#changed = undefined;
  }

  #shelf(sort: string | undefined, label: string): AnyShelf | undefined {
    if (sort === "dtabs") return this.dtabsOf(label);
    return sort === "names" || sort === "addresses" ? this.of(label)[sort] : undefined;
  }

  *#shelves(): Generator<readonly [sort: string, label: string, shelf: AnyShelf]> {
    for (const [label, memory] of this.#namers) for (const sort of SORTS) yield [sort, label, memory[sort]];
    for (const [label, shelf] of this.#dtabs) yield ["dtabs", label, shelf];
  }
}

function lineOf(start: string, line: ShelfLine | undefined): string {
  return line === undefined ? `${start}\n` : `${start}\t${line.at ?? ""}\t${line.text}\n`;
}

/** What `path` stood for. An id that was reached by a longer name is a name of its own, too. */
export function recallName(
  path: Path,
  { names, addresses }: NamerMemory,
  now: number,
): Recalled<NameTree<KnownName>> | undefined {
  const name = names.recall(path.show, now);
  if (name !== undefined) return name;
  const id = addresses.recall(path.show, now);
  return id && { value: leaf<KnownName>({ kind: "bound", id: path, residual: Path.empty }), at: id.at };
}

/** The registry knows no such name: neither it nor the ids that it stood for are so any more. */
export function forgetName(path: Path, memory: NamerMemory): void {
  const known = recallName(path, memory, 0);
  memory.names.forget(path.show);
  for (const name of known ? leaves(known.value) : []) {
    if (name.kind === "bound") memory.addresses.forget(name.id.show);
  }
}

function knownName(data: LeafData): KnownName {
  if ("path" in data) return { kind: "path", path: Path.read(data.path) };
  return { kind: "bound", id: Path.read(data.id), residual: Path.read(data.residual) };
}

function leafData(name: KnownName): LeafData {
  return name.kind === "path" ? { path: name.path.show } : { id: name.id.show, residual: name.residual.show };
}

function withoutAddresses(name: KnownName): KnownName {
  return name.kind === "path" ? name : { kind: "bound", id: name.id, residual: name.residual };
}

function sameName(a: KnownName, b: KnownName): boolean {
  if (a.kind === "path") return b.kind === "path" && a.path.equals(b.path);
  return b.kind === "bound" && a.id.equals(b.id) && a.residual.equals(b.residual);
}
