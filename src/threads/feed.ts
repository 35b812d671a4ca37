/** One thing that a worker follows: the newest of it, and what of that the worker was not sent yet. */
import type { AddressSet } from "../base/address.ts";
import { encodeAddresses, encodeChanges } from "../base/address-data.ts";
import { joinAs, moveTo, Observer } from "../base/observer.ts";
import { pending, type State, type Var } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { encodeState, encodeTree } from "./codecs.ts";
import { encodeDelegation } from "./delegation-codec.ts";
import { type KnownAddresses, Mentions } from "./known-addresses.ts";
import type { BindingUpdate } from "./protocol.ts";

/** Who sends what feeds have. There are as many of these as a worker has names, so they keep little. */
export interface FeedHost {
  /** Something is to be taken of it. */
  changed(feed: AnyFeed): void;
}

export interface FeedOrder {
  readonly id: number;
  /** Of the last update that the worker knows. */
  readonly version: number;
}

export type AnyFeed = AddressFeed | NameFeed | ExplanationFeed;

/** `pending` is what a worker takes a name for that it was told nothing of, so it is not told. */
abstract class Feed<T> extends Observer<T> {
  readonly id: number;
  protected newest: State<T> = pending;
  #version: number;

  constructor({ id, version }: FeedOrder) {
    super();
    this.id = id;
    this.#version = version;
  }

  /** The newest, as it is sent now. Whoever took it takes no more before it was acknowledged. */
  take(): BindingUpdate {
    return this.encode(++this.#version);
  }

  /** What was taken last has arrived. */
  acknowledged(): void {
    // Nearly all feeds keep nothing of what is under way.
  }

  protected abstract encode(version: number): BindingUpdate;
}

/** The addresses of a bound id: the first time all of them, then what has changed. */
export class AddressFeed extends Feed<AddressSet> {
  readonly path: string;
  readonly #host: FeedHost;
  #followed: Var<AddressSet> | undefined;
  /** What the worker has. */
  #sent: AddressSet | undefined;

  constructor(order: FeedOrder & { readonly path: string }, host: FeedHost) {
    super(order);
    this.path = order.path;
    this.#host = host;
  }

  follow(addresses: Var<AddressSet>): void {
    const before = this.#followed;
    if (addresses === before) return;
    this.#followed = addresses;
    moveTo(addresses, this, before);
  }

  /** Of what is followed. */
  hear(state: State<AddressSet>): void {
    if (state.tag === "pending") return;
    this.newest = state;
    this.#host.changed(this);
  }

  protected encode(version: number): BindingUpdate {
    const before = this.#sent;
    if (this.newest.tag === "ok") this.#sent = this.newest.value;
    const encode = (set: AddressSet) => (before ? encodeChanges(set, before) : encodeAddresses(set));
    return { type: "addresses", id: this.id, version, state: encodeState(this.newest, encode) };
  }
}

/** What a name is bound to. The ids in it are known for as long as the worker may ask about them. */
export class NameFeed extends Feed<NameTree<Bound>> {
  readonly #host: FeedHost;
  readonly #mentions: Mentions;

  constructor(order: FeedOrder, host: FeedHost, known: KnownAddresses) {
    super(order);
    this.#host = host;
    this.#mentions = new Mentions(known);
  }

  start(of: Var<NameTree<Bound>>): void {
    joinAs(of, this);
  }

  hear(state: State<NameTree<Bound>>): void {
    if (state.tag === "pending") return;
    if (state.tag === "ok") this.#mentions.changed(state.value);
    this.newest = state;
    this.#host.changed(this);
  }

  override acknowledged(): void {
    this.#mentions.acknowledged();
  }

  protected encode(version: number): BindingUpdate {
    this.#mentions.sent();
    return { type: "tree", id: this.id, version, state: encodeState(this.newest, encodeTree) };
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#mentions[Symbol.dispose]();
  }
}

/** How a name is bound, for people. */
export class ExplanationFeed extends Feed<Delegation> {
  readonly #host: FeedHost;

  constructor(order: FeedOrder, host: FeedHost) {
    super(order);
    this.#host = host;
  }

  start(of: Var<Delegation>): void {
    joinAs(of, this);
  }

  hear(state: State<Delegation>): void {
    if (state.tag === "pending") return;
    this.newest = state;
    this.#host.changed(this);
  }

  protected encode(version: number): BindingUpdate {
    return { type: "delegation", id: this.id, version, state: encodeState(this.newest, encodeDelegation) };
  }
}
