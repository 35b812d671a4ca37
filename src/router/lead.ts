/** One leaf of a bound tree: the cluster that it leads to, and who still needs it. */
import type { AddressSet } from "../base/address.ts";
import type { Var } from "../base/var.ts";
import type { Service } from "../http/exchange.ts";
import { fieldLine, type FieldLine } from "../http/field-line.ts";
import type { Headers } from "../http/headers.ts";
import type { Status } from "../http/transport.ts";
import type { Bound } from "../naming/namer.ts";

/** The right to send to a cluster, held as long as it is needed. The router's view of `ClusterLease`. */
export interface ClusterRight extends Disposable {
  readonly tier: { readonly first: Service; readonly cluster: ClusterState };
}

/** The router's view of `Cluster`. */
export interface ClusterState {
  readonly id: string;
  readonly status: Status;
  readonly isGone: boolean;
}

/** Where rights to clusters come from: the same id gives the same cluster. */
export type ClusterSource = (bound: Bound) => ClusterRight;

/** Kept by the tree that it is in and by every exchange on its way through it; the last one gives the right back. */
export class Lead {
  readonly first: Service;
  readonly cluster: ClusterState;
  /** What goes into `l5d-dst-client` and `l5d-dst-residual`. */
  readonly client: string;
  readonly residual: string;
  readonly #fields: readonly FieldLine[];
  readonly addresses: Var<AddressSet>;
  readonly #right: ClusterRight;
  #users = 1;

  constructor(bound: Bound, clusters: ClusterSource) {
    this.#right = clusters(bound);
    this.first = this.#right.tier.first;
    this.cluster = this.#right.tier.cluster;
    this.client = bound.id.show;
    this.residual = bound.residual.elems.length === 0 ? "" : bound.residual.show;
    this.addresses = bound.addresses;
    const client = fieldLine("l5d-dst-client", this.client);
    this.#fields = this.residual === "" ? [client] : [client, fieldLine("l5d-dst-residual", this.residual)];
  }

  take(): void {
    this.#users++;
  }

  /** Tells the backend where the request was led. */
  mark(headers: Headers): void {
    for (let at = 0; at < this.#fields.length; at++) headers.appendLine(this.#fields[at] as FieldLine);
  }

  release(): void {
    if (--this.#users === 0) this.#right[Symbol.dispose]();
  }
}
