/** Finds what stands under prefixes by the paths that they match, however many there are. */
import type { Path } from "./path.ts";
import { type Prefix, wildcard } from "./prefix.ts";

type Elem = string | null;

/** One for each beginning of a prefix. Nearly all are the end of one prefix, and nothing goes on there. */
interface Node<T> {
  ends: T[] | undefined;
  next: Map<Elem, Node<T>> | undefined;
}

export class PrefixTree<T> {
  readonly #root: Node<T> = { ends: undefined, next: undefined };

  add(prefix: Prefix, value: T): void {
    let node = this.#root;
    for (const elem of prefix.elems) {
      node.next ??= new Map();
      let below = node.next.get(elem);
      if (below === undefined) node.next.set(elem, (below = { ends: undefined, next: undefined }));
      node = below;
    }
    if (node.ends === undefined) node.ends = [value];
    else node.ends.push(value);
  }

  /** What stands under the prefixes that match `path`, in no order. */
  matching({ elems }: Path): T[] {
    const found: T[] = [];
    let level: readonly Node<T>[] = [this.#root];
    for (let at = 0; level.length > 0; at++) {
      for (const node of level) take(node, found);
      level = at < elems.length ? descend(level, elems[at] as string) : [];
    }
    return found;
  }

  /** What stands under the prefixes that are longer than `beginning` and match a path which begins so, or are as long. */
  below({ elems }: Path): T[] {
    let nodes: Node<T>[] = [this.#root];
    for (const elem of elems) nodes = descend(nodes, elem);
    const found: T[] = [];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      take(node, found);
      for (const next of node.next?.values() ?? []) nodes.push(next);
    }
    return found;
  }

  /** What was put last under a prefix that matches every path which `prefix` matches. */
  covering({ elems }: Prefix): T | undefined {
    let level: readonly Node<T>[] = [this.#root];
    for (let at = 0; level.length > 0; at++) {
      const found = level.find(({ ends }) => ends !== undefined)?.ends?.at(-1);
      if (found !== undefined || at === elems.length) return found;
      level = descend(level, elems[at] as Elem);
    }
    return undefined;
  }
}

function take<T>({ ends }: Node<T>, into: T[]): void {
  for (const end of ends ?? []) into.push(end);
}

/** The nodes one element further: those of that element, and of any. */
function descend<T>(level: readonly Node<T>[], elem: Elem): Node<T>[] {
  const below: Node<T>[] = [];
  for (const { next } of level) {
    const same = next?.get(elem);
    const any = elem === wildcard ? undefined : next?.get(wildcard);
    if (same !== undefined) below.push(same);
    if (any !== undefined) below.push(any);
  }
  return below;
}
