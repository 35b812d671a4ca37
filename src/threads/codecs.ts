/** What crosses a thread of naming, as plain data and back: decode(encode(x)) says what x said. */
import type { AddressSet } from "../base/address.ts";
import { failed, type Held, ok, pending, type State, type Var } from "../base/var.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { Path } from "../naming/path.ts";
import {
  decodeTree as decodeTreeOf,
  encodeTree as encodeTreeOf,
  type TreeData as TreeDataOf,
} from "../naming/tree-data.ts";

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

export interface BoundData {
  readonly id: string;
  readonly residual: string;
}

export type TreeData = TreeDataOf<BoundData>;

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
  // Nearly always; what is put together of parts takes more room.
  if (!stale && !held && revision === undefined) {
    return confirmedAt === undefined ? ok(decode(value)) : ok(decode(value), { confirmedAt });
  }
  return {
    tag: "ok",
    value: decode(value),
    ...(stale ? { stale: { since: stale.since, cause: new Error(stale.cause) } } : {}),
    ...(held ? { held } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
  };
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

export const encodeTree = (tree: NameTree<Bound>): TreeData => encodeTreeOf(tree, encodeBound);

export const decodeTree = (data: TreeData, addressesOf: AddressesOf): NameTree<Bound> =>
  decodeTreeOf(data, (bound) => decodeBound(bound, addressesOf));

/** The bound ids of a tree as data, each once. */
export function idsOf(data: TreeData): readonly string[] {
  // Nearly all trees are this.
  if (data[0] === "leaf") return [data[1].id];
  const ids = new Set<string>();
  const visit = (each: TreeData): void => {
    if (each[0] === "leaf") ids.add(each[1].id);
    else if (each[0] === "alt") each[1].forEach(visit);
    else if (each[0] === "union") each[1].forEach(([, below]) => visit(below));
  };
  visit(data);
  return [...ids];
}
