/** `io.l5d.k8s.daemonset`: in the place of each address the pods of a daemonset on the same node. */
import {
  type Address,
  AddressSet,
  type Bound,
  leaf,
  type Name,
  type Namer,
  type NameTree,
  ok,
  type Path,
  type State,
  type Transformer,
  Var,
} from "linkspan/plugin";
import type { NodeKey } from "./same-node.ts";

export interface DaemonsetParts {
  readonly prefix: Path;
  /** Owned from now on. */
  readonly namer: Namer;
  /** The path of the daemonset's Service for that namer. */
  readonly gateway: Path;
  readonly nodeOf: NodeKey;
}

/** A name whose addresses are all on nodes without such a pod stays bound, to nobody. */
export class DaemonsetTransformer implements Transformer {
  readonly prefix: Path;
  readonly #namer: Namer;
  readonly #nodeOf: NodeKey;
  /** The same value from the first answer on: whether there are gateways changes no tree. */
  readonly #known: Var<boolean>;
  readonly #gateways: Var<AddressSet>;
  readonly #made = new WeakMap<Var<AddressSet>, Var<AddressSet>>();

  constructor({ prefix, namer, gateway, nodeOf }: DaemonsetParts) {
    this.prefix = prefix;
    this.#namer = namer;
    this.#nodeOf = nodeOf;
    const tree = namer.lookup(gateway);
    this.#known = tree.map(() => true);
    this.#gateways = tree.flatMap(addressesOf);
  }

  transform(bound: Bound): Var<NameTree<Bound>> {
    const addresses = this.#joined(bound.addresses);
    return this.#known.map(() => leaf({ ...bound, addresses }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#namer[Symbol.asyncDispose]();
  }

  #joined(addresses: Var<AddressSet>): Var<AddressSet> {
    const known = this.#made.get(addresses);
    if (known) return known;
    const made = Var.combine<AddressSet, AddressSet>([addresses, this.#gateways], (states) => this.#join(states), {
      equals: (a, b) => a.equals(b),
    });
    this.#made.set(addresses, made);
    return made;
  }

  /** Trouble of either is trouble of the whole. */
  #join([wanted = { tag: "pending" }, gateways = { tag: "pending" }]: readonly State<AddressSet>[]): State<AddressSet> {
    if (wanted.tag !== "ok") return wanted;
    if (gateways.tag !== "ok") return gateways;
    const byNode = Map.groupBy(gateways.value.addresses, this.#nodeOf);
    byNode.delete(undefined);
    const nodes = new Set(wanted.value.addresses.map(this.#nodeOf));
    const found: Address[] = [...nodes].flatMap((node) => byNode.get(node) ?? []);
    const stale = wanted.stale ?? gateways.stale;
    const held = wanted.held ?? gateways.held;
    return ok(AddressSet.of(found, wanted.value.meta), { ...(stale ? { stale } : {}), ...(held ? { held } : {}) });
  }
}

function addressesOf(tree: NameTree<Name>): Var<AddressSet> {
  return tree.tag === "leaf" && tree.value.kind === "bound" ? tree.value.addresses : Var.of(AddressSet.empty);
}
