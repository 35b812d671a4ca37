/** What a discovery system must offer to be named. */
import type { AddressSet } from "../base/address.ts";
import type { Instance } from "../base/instance.ts";
import type { Held, Var } from "../base/var.ts";
import type { OtherClients } from "./other-clients.ts";
import type { NameTree } from "./name-tree.ts";
import type { Path } from "./path.ts";

/**
 * A concrete service: `id` names it, `addresses` moves, `residual` is what the namer did not consume. A namer gives ids
 * without its own prefix, as it gets paths; an interpreter gives them with it, so that they can be looked up again.
 */
export interface Bound {
  readonly kind: "bound";
  readonly id: Path;
  readonly addresses: Var<AddressSet>;
  readonly residual: Path;
  /** Where a transformer made it of another one: that one, and what ids begin with that the transformer gives. */
  readonly before?: { readonly transformer: string; readonly bound: Bound };
}

/** What a namer says a path stands for: a concrete service, or another path to look up. */
export type Name = { readonly kind: "path"; readonly path: Path } | Bound;

/** One watch of a namer, for the page and the CLI. */
export interface WatchView {
  readonly name: string;
  readonly state: "pending" | "ok" | "stale" | "held" | "failed";
  /** Epoch ms of the last confirmation or, when stale, since when. */
  readonly since?: number;
  readonly revision?: string;
  readonly cause?: string;
  readonly endpoints?: number;
  /** Of a loss that the guard holds back, also while the name is stale. */
  readonly held?: Held;
}

/** Looks names up in one discovery system. */
export interface Namer extends AsyncDisposable {
  /**
   * `path` comes without the namer's prefix. The Var changes only when the name appears, vanishes or is rewritten.
   * `neg` says that there is no such name; what could not be asked is `failed`. Cheap until observed.
   */
  lookup(path: Path): Var<NameTree<Name>>;
  /** For mirrors, drift and the page; a namer that cannot list leaves them out. */
  instances?(path: Path): Var<readonly Instance[]>;
  names?(): Var<readonly Path[]>;
  watches?(): readonly WatchView[];
  /**
   * Believes at once what the guard holds back of a name, because an operator orders it or nothing of the name can be
   * connected to. False when nothing is held.
   */
  release?(path: Path, why: "ordered" | "unreachable"): boolean;
  /** Who else watches below its place, where the registry can say that. Rejects only with the signal's reason. */
  otherClients?(signal: AbortSignal): Promise<OtherClients>;
}
