/** Who is asked for a path that the dtab does not rewrite. */
import { failed, Var } from "../base/var.ts";
import type { NameTree } from "./name-tree.ts";
import type { Name, Namer } from "./namer.ts";
import { Path } from "./path.ts";

/** A namer of the configuration. */
export interface NamerEntry {
  /** As configured: the namer is reached under `/#/<prefix>`. */
  readonly prefix: Path;
  readonly namer: Namer;
  /** What an alt does when this namer could not be asked: fail with it (the default), or go on as if it had said no. */
  readonly whenUnreachable?: "fail" | "next";
  /** The ids that it gives are those of the configuration, and not without its prefix. */
  readonly hasWholeIds?: boolean;
}

/** One who may know a path. */
export interface Candidate {
  /** What the namer does not see of a path. */
  readonly prefix: Path;
  /** What stands before the ids it gives. */
  readonly idPrefix: Path;
  readonly goOn: boolean;
  /** Tells this namer from all others. */
  readonly key: string;
  lookup(): Var<NameTree<Name>>;
}

const configured = Path.of("#");
const system = Path.of("$");

/** The configured namers, the last of which is asked first, and the system namers under `/$/<kind>`. */
export class NamerTable {
  readonly #entries: readonly (NamerEntry & { readonly key: string })[];
  readonly #system: ReadonlyMap<string, Namer>;

  /** `systemNamers` are by kind, such as `inet`. */
  constructor(entries: readonly NamerEntry[], systemNamers: ReadonlyMap<string, Namer>) {
    this.#entries = entries
      .map((entry, at) => ({ ...entry, prefix: configured.concat(entry.prefix), key: `${at}` }))
      .reverse();
    this.#system = systemNamers;
  }

  /** Who to ask for `path`, in order, until one does not say `neg`. */
  candidates(path: Path): readonly Candidate[] {
    if (path.startsWith(system)) return path.size > 1 ? [this.#systemCandidate(path)] : [];
    if (!path.startsWith(configured)) return [];
    return this.#entries
      .filter((entry) => path.startsWith(entry.prefix))
      .map(({ prefix, namer, whenUnreachable, hasWholeIds, key }) => ({
        prefix,
        idPrefix: hasWholeIds === true ? Path.empty : prefix,
        key,
        goOn: whenUnreachable === "next",
        lookup: () => namer.lookup(path.drop(prefix.size)),
      }));
  }

  #systemCandidate(path: Path): Candidate {
    const prefix = path.take(2);
    const kind = path.elems[1] as string;
    const namer = this.#system.get(kind);
    const lookup = namer ? () => namer.lookup(path.drop(2)) : () => unknownNamer(kind, path);
    return { prefix, idPrefix: prefix, key: kind, goOn: false, lookup };
  }
}

/** Not `neg`: a kind that does not exist is a mistake, which no alternative should hide. */
export function unknownNamer(kind: string, path: Path): Var<never> {
  return Var.source<never>((set) => {
    set(failed(new Error(`Unknown namer: ${kind} for path: ${path.show}`)));
    return { [Symbol.dispose]: () => undefined };
  });
}
