/** Names whose first element says which ensembles they are in, as under `/$/com.twitter.serverset`. */
import {
  AddressSet,
  type Bound,
  failed,
  leaf,
  type Name,
  type NameTree,
  type Namer,
  neg,
  ok,
  type Path,
  type State,
  Var,
} from "linkspan/plugin";
import type { Ensembles } from "./ensembles.ts";

/** Of several ensembles all members count. Ids begin with the hosts, so that they can be looked up again. */
export class EnsembleNamer implements Namer {
  readonly #ensembles: Ensembles;
  readonly #hostsOf: (element: string) => readonly string[];

  /** `ensembles` are owned; `hostsOf` gives the connect string of each ensemble that an element names. */
  constructor(ensembles: Ensembles, hostsOf: (element: string) => readonly string[]) {
    this.#ensembles = ensembles;
    this.#hostsOf = hostsOf;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const [first] = path.elems;
    if (first === undefined) return Var.of<NameTree<Name>>(neg);
    const hosts = path.take(1);
    const rest = path.drop(1);
    const found = this.#hostsOf(first).map((each) => this.#in(each, rest));
    const tree = found.length === 1 && found[0] ? found[0] : merged(found);
    return tree.map((value) => underHosts(value, hosts));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ensembles[Symbol.asyncDispose]();
  }

  #in(hosts: string, path: Path): Var<NameTree<Name>> {
    return Var.source<NameTree<Name>>((set) => {
      let lease: ReturnType<Ensembles["lease"]>;
      try {
        lease = this.#ensembles.lease(hosts);
      } catch (error) {
        set(failed(error as Error));
        return { [Symbol.dispose]: () => undefined };
      }
      const following = lease.namer.lookup(path).observe(set);
      return {
        [Symbol.dispose]: () => {
          following[Symbol.dispose]();
          lease[Symbol.dispose]();
        },
      };
    });
  }
}

function underHosts(tree: NameTree<Name>, hosts: Path): NameTree<Name> {
  if (tree.tag !== "leaf" || tree.value.kind !== "bound") return tree;
  return leaf({ ...tree.value, id: hosts.concat(tree.value.id) });
}

/** Known where one ensemble has it; unknown where all say so. */
function merged(trees: readonly Var<NameTree<Name>>[]): Var<NameTree<Name>> {
  let last: readonly Bound[] = [];
  let tree: NameTree<Name> = neg;
  return Var.combine(trees, (states) => {
    const bounds = states.flatMap((state) => (state.tag === "ok" ? boundOf(state.value) : []));
    if (bounds.length === 0) return states.find((state) => state.tag !== "ok") ?? ok<NameTree<Name>>(neg);
    if (!sameAddresses(bounds, last)) {
      const [first] = bounds as [Bound];
      tree = leaf<Name>({ ...first, addresses: all(bounds.map(({ addresses }) => addresses)) });
      last = bounds;
    }
    return ok(tree);
  });
}

const boundOf = (tree: NameTree<Name>): readonly Bound[] =>
  tree.tag === "leaf" && tree.value.kind === "bound" ? [tree.value] : [];

const sameAddresses = (a: readonly Bound[], b: readonly Bound[]): boolean =>
  a.length === b.length && a.every(({ addresses }, at) => addresses === b[at]?.addresses);

/** Whatever is known of some is the answer while others are not known. */
function all(sets: readonly Var<AddressSet>[]): Var<AddressSet> {
  return Var.combine(
    sets,
    (states): State<AddressSet> => {
      const known = states.filter((state) => state.tag === "ok");
      const [first] = known;
      if (first === undefined)
        return states.find((state) => state.tag === "pending") ?? (states[0] as State<AddressSet>);
      const { value: _, ...about } = known.find(({ stale, held }) => stale ?? held) ?? first;
      return { ...about, value: AddressSet.of(known.flatMap(({ value }) => value.addresses)) };
    },
    { equals: (a, b) => a.equals(b) },
  );
}

/** `host:port` pairs with `::` between them are one ensemble. */
export const leaderHosts = (element: string): readonly string[] => [element.split("::").join(",")];

/** A connect string, or several with `#` between them. */
export const serversetHosts = (element: string): readonly string[] => element.split("#");
