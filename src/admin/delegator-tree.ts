/** An explanation as Linkerd 1's `/delegator.json` says it. */
import type { Address, AddressSet } from "../base/address.ts";
import type { State } from "../base/var.ts";
import type { Step } from "../naming/delegation.ts";
import type { Dentry } from "../naming/dentry.ts";
import { showTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { Path } from "../naming/path.ts";

/** In letters; each node repeats its rule, so that few rules can make a large tree. */
const MAX_SIZE = 16 * 1_024 * 1_024;

const ended = Path.of("$", "fail");

/** A tree that is too large to be said. */
export class TreeTooLarge extends Error {
  override readonly name = "TreeTooLarge";
}

/** Throws TreeTooLarge. */
export function delegatorTree(root: Step): object {
  return new TreeWriter().node(root);
}

class TreeWriter {
  readonly #rules = new Map<Dentry, { readonly prefix: string; readonly dst: string }>();
  #size = 0;

  node(step: Step): object {
    const { kind, path, dentry } = step;
    const place = { type: kind, path: path.show, ...(dentry === undefined ? {} : { dentry: this.#rule(dentry) }) };
    switch (kind) {
      case "delegate":
        // What a namer made of a path stood there in the path's own place.
        if (step.namer !== undefined) return this.node({ ...step.next, dentry });
        return { ...place, delegate: this.node(step.next) };
      case "alt":
        return { ...place, alt: step.steps.map((each) => this.node(each)) };
      case "union":
        return { ...place, union: step.steps.map(({ weight, step: each }) => ({ weight, tree: this.node(each) })) };
      case "leaf":
        return { ...place, bound: this.#bound(step.bound, step.addresses) };
      case "transformation": {
        const { bound, name, next } = step;
        const addresses = bound.addresses.sample();
        return { type: kind, path: path.show, name, bound: this.#bound(bound, addresses), tree: this.node(next) };
      }
      case "exception":
        return { ...place, message: step.message };
      case "neg":
        return { ...place, path: path.size === 0 ? "~" : path.show };
      case "fail":
        return { ...place, path: path.startsWith(ended) ? path.show : "!" };
      default:
        return place;
    }
  }

  #rule(dentry: Dentry): object {
    let rule = this.#rules.get(dentry);
    if (rule === undefined) {
      rule = { prefix: dentry.prefix.show, dst: showTree(dentry.dst) };
      this.#rules.set(dentry, rule);
    }
    this.#grow(rule.prefix.length + rule.dst.length);
    return rule;
  }

  #bound({ id, residual }: Bound, addresses: State<AddressSet>): object {
    if (addresses.tag === "ok") this.#grow(addresses.value.size * ADDRESS_SIZE);
    return { addr: addressData(addresses), id: id.show, path: residual.show };
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size > MAX_SIZE) throw new TreeTooLarge("the tree is too large to be shown");
  }
}

/** About what one address takes. */
const ADDRESS_SIZE = 50;

function addressData(state: State<AddressSet>): object {
  if (state.tag === "pending") return { type: "pending" };
  if (state.tag === "failed") return { type: "failed", cause: state.cause.message };
  const { addresses, meta } = state.value;
  return {
    type: "bound",
    addrs: addresses.map((address) => ({ ip: address.host, port: address.port, meta: metaOf(address) })),
    meta,
  };
}

function metaOf({ weight, meta = {} }: Address): object {
  return weight === 1 ? meta : { ...meta, endpoint_addr_weight: weight };
}
