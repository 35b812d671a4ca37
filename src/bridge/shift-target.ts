/** One side of a shift as it is bound now: which clusters it is, and how many endpoints stand behind it. */
import { addressKey, type AddressSet } from "../base/address.ts";
import { ok, type State, Var } from "../base/var.ts";
import { leaves, type NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";

export interface Target {
  /** Of the clusters, whose numbers are told by them. */
  readonly ids: readonly string[];
  /** Of all clusters, as `host:port`, each once. */
  readonly addresses: ReadonlySet<string>;
  /** Why nothing can be sent there. */
  readonly problem?: string;
}

const none: Target = { ids: [], addresses: new Set() };

/** Never pending and never failed: what is not known is a problem of the side. */
export function targetOf(bound: Var<NameTree<Bound>>): Var<Target> {
  const known = bound.flatMap((tree) => {
    const all = leaves(tree);
    const ids = [...new Set(all.map(({ id }) => id.show))];
    return Var.combine(
      all.map(({ addresses }) => addresses),
      (states) => ok(targetIn(ids, tree, states)),
      { equals: sameTarget },
    );
  });
  return Var.combine([known], ([state]) => ok(settled(state)), { equals: sameTarget });
}

function settled(state: State<Target> | undefined): Target {
  if (state === undefined || state.tag === "pending") return { ...none, problem: "it is not known yet" };
  return state.tag === "failed" ? { ...none, problem: state.cause.message } : state.value;
}

function targetIn(ids: readonly string[], tree: NameTree<Bound>, states: readonly State<AddressSet>[]): Target {
  const addresses = new Set(
    states.flatMap((state) => (state.tag === "ok" ? state.value.addresses.map(addressKey) : [])),
  );
  if (addresses.size > 0) return { ids, addresses };
  if (ids.length === 0)
    return { ids, addresses, problem: tree.tag === "neg" ? "there is no such name" : "nobody is there" };
  const failure = states.find((state) => state.tag === "failed");
  return { ids, addresses, problem: failure === undefined ? "nobody is there" : failure.cause.message };
}

function sameTarget(a: Target, b: Target): boolean {
  const isSame = a.addresses.size === b.addresses.size && a.addresses.isSubsetOf(b.addresses);
  return isSame && a.problem === b.problem && a.ids.join() === b.ids.join();
}
