/** What crosses a thread of naming, as plain data and back: decode(encode(x)) says what x said. */
import { type Address, AddressSet } from "../base/address.ts";
import { failed, type Held, pending, type State, type Var } from "../base/var.ts";
import { alt, empty, fail, leaf, type NameTree, neg, union } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { Path } from "../naming/path.ts";

/** Causes are carried as their messages. */
export type StateData<V> =
  | { readonly tag: "pending" }
  | { readonly tag: "failed"; readonly cause: string }
  | {
      readonly tag: "ok";
      readonly value: V;
      readonly stale?: { readonly since: number; readonly cause: string };
      readonly held?: Held;
      readonly revision?: string;
      readonly confirmedAt?: number;
    };

export type AddressData = readonly [
  host: string,
  port: number,
  weight: number,
  meta?: Readonly<Record<string, string>>,
];

export interface AddressSetData {
  readonly addresses: readonly AddressData[];
  readonly meta: Readonly<Record<string, string>>;
}

export interface BoundData {
  readonly id: string;
  readonly residual: string;
}

/** With full weights, whatever the tree's text would round. */
export type TreeData =
  | readonly ["leaf", BoundData]
  | readonly ["alt", readonly TreeData[]]
  | readonly ["union", readonly (readonly [weight: number, tree: TreeData])[]]
  | readonly ["neg" | "empty" | "fail"];

/** Gives a bound id its addresses on this side. */
export type AddressesOf = (id: string) => Var<AddressSet>;

export function encodeState<T, V>(state: State<T>, encode: (value: T) => V): StateData<V> {
  if (state.tag === "pending") return { tag: "pending" };
  if (state.tag === "failed") return { tag: "failed", cause: state.cause.message };
  const { value, stale, held, revision, confirmedAt } = state;
  return {
    tag: "ok",
    value: encode(value),
    ...(stale ? { stale: { since: stale.since, cause: stale.cause.message } } : {}),
    ...(held ? { held: { since: held.since, until: held.until, lost: held.lost } } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
  };
}

export function decodeState<T, V>(data: StateData<V>, decode: (value: V) => T): State<T> {
  if (data.tag === "pending") return pending;
  if (data.tag === "failed") return failed(new Error(data.cause));
  const { value, stale, held, revision, confirmedAt } = data;
  return {
    tag: "ok",
    value: decode(value),
    ...(stale ? { stale: { since: stale.since, cause: new Error(stale.cause) } } : {}),
    ...(held ? { held } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
  };
}

export function encodeAddresses(set: AddressSet): AddressSetData {
  return { addresses: set.addresses.map(encodeAddress), meta: set.meta };
}

export function decodeAddresses({ addresses, meta }: AddressSetData): AddressSet {
  return AddressSet.of(addresses.map(decodeAddress), meta);
}

function encodeAddress({ host, port, weight, meta }: Address): AddressData {
  return meta === undefined ? [host, port, weight] : [host, port, weight, meta];
}

function decodeAddress([host, port, weight, meta]: AddressData): Address {
  return meta === undefined ? { host, port, weight } : { host, port, weight, meta };
}

export function encodeBound({ id, residual }: Bound): BoundData {
  return { id: id.show, residual: residual.show };
}

export function decodeBound({ id, residual }: BoundData, addressesOf: AddressesOf): Bound {
  return Object.freeze({
    kind: "bound",
    id: Path.read(id),
    addresses: addressesOf(id),
    residual: Path.read(residual),
  });
}

export function encodeTree(tree: NameTree<Bound>): TreeData {
  switch (tree.tag) {
    case "leaf":
      return ["leaf", encodeBound(tree.value)];
    case "alt":
      return ["alt", tree.trees.map(encodeTree)];
    case "union":
      return ["union", tree.branches.map((branch) => [branch.weight, encodeTree(branch.tree)] as const)];
    default:
      return [tree.tag];
  }
}

export function decodeTree(data: TreeData, addressesOf: AddressesOf): NameTree<Bound> {
  switch (data[0]) {
    case "leaf":
      return leaf(decodeBound(data[1], addressesOf));
    case "alt":
      return alt(data[1].map((each) => decodeTree(each, addressesOf)));
    case "union":
      return union(data[1].map(([weight, tree]) => ({ weight, tree: decodeTree(tree, addressesOf) })));
    case "neg":
      return neg;
    case "empty":
      return empty;
    case "fail":
      return fail;
  }
}

/** The bound ids of a tree as data, each once. */
export function idsOf(data: TreeData, into = new Set<string>()): Set<string> {
  if (data[0] === "leaf") into.add(data[1].id);
  else if (data[0] === "alt") for (const each of data[1]) idsOf(each, into);
  else if (data[0] === "union") for (const [, each] of data[1]) idsOf(each, into);
  return into;
}
