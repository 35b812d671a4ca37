/** The control side of naming: binds what one worker asks for, and tells it each change once. */
import type { AddressSet } from "../base/address.ts";
import { encodeAddresses } from "../base/address-data.ts";
import { Following } from "../base/following.ts";
import { failed, type State, Var } from "../base/var.ts";
import type { Delegation } from "../naming/delegation.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import { leaves, type NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { Path } from "../naming/path.ts";
import { untransformed } from "../naming/transformer.ts";
import { encodeState, encodeTree } from "./codecs.ts";
import { encodeDelegation } from "./delegation-codec.ts";
import { KnownAddresses, Mentions } from "./known-addresses.ts";
import type { BindingBatch, BindingRequest, BindingUpdate } from "./protocol.ts";

export interface BinderParts {
  interpreterFor(router: string): Interpreter;
  /** Nothing of this bound id accepts connections. */
  unreachable(id: Path): void;
  /** Takes a batch to the worker. */
  send(batch: BindingBatch): void;
}

/** How many changes one batch carries, so that a flood does not hold up the worker's requests. */
const MAX_BATCH = 200;

interface Feed {
  readonly id: number;
  /** Of what was sent last. */
  version: number;
  /** What is to be sent, with the version that it gets; set before it is dirty. */
  encode: ((version: number) => BindingUpdate) | undefined;
  subscription: Disposable | undefined;
  readonly mentions: Mentions;
}

/**
 * One for each worker and each channel to it. A worker's caches bound what it asks for. What changes while a batch is
 * on its way is sent as it is when that was acknowledged: nothing piles up for a worker that is slow.
 */
export class Binder implements Disposable {
  readonly #parts: BinderParts;
  readonly #feeds = new Map<number, Feed>();
  readonly #known = new KnownAddresses((id, addresses) => this.#followed.get(id)?.follow(addresses));
  /** By bound id: a worker follows each at most once. */
  readonly #followed = new Map<string, Following<AddressSet>>();
  readonly #dirtyAddresses = new Set<Feed>();
  readonly #dirtyNames = new Set<Feed>();
  readonly #awaiting = new Set<Feed>();
  #batch = 0;
  #isWaiting = false;
  #isScheduled = false;
  #closed = false;

  constructor(parts: BinderParts) {
    this.#parts = parts;
  }

  /** How many names and address sets the worker has asked for and not released. */
  get size(): number {
    return this.#feeds.size;
  }

  hear(request: BindingRequest): void {
    if (this.#closed) return;
    switch (request.type) {
      case "reset":
        return this.#reset();
      case "bind":
        return this.#bind(request);
      case "delegate":
        return this.#delegate(request);
      case "follow":
        return this.#follow(request);
      case "release":
      case "unfollow":
        return this.#release(request.id);
      case "unreachable":
        return this.#parts.unreachable(Path.read(request.path));
      case "ack":
        return this.#acknowledged(request.batch);
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#reset();
  }

  #reset(): void {
    for (const id of this.#feeds.keys()) this.#release(id);
    this.#isWaiting = false;
  }

  #bind({ id, router, dtab, path, version }: Named): void {
    const feed = this.#open(id, version);
    const bound = this.#parts.interpreterFor(router).bind(Dtab.read(dtab), Path.read(path));
    this.#observe(feed, bound, this.#dirtyNames, (state) => {
      if (state.tag === "ok") feed.mentions.changed(leaves(state.value));
      return (next) => ({ type: "tree", id, version: next, state: encodeState(state, encodeTree) });
    });
  }

  #delegate({ id, router, dtab, path, version }: Named): void {
    const explained: Var<Delegation> = this.#parts.interpreterFor(router).delegate(Dtab.read(dtab), Path.read(path));
    this.#observe(this.#open(id, version), explained, this.#dirtyNames, (state) => (next) => ({
      type: "delegation",
      id,
      version: next,
      state: encodeState(state, encodeDelegation),
    }));
  }

  #follow({ id, router, path, version }: Followed): void {
    const feed = this.#open(id, version);
    const hear = (state: State<AddressSet>): void =>
      this.#heard(feed, state, this.#dirtyAddresses, (next) => ({
        type: "addresses",
        id,
        version: next,
        state: encodeState(state, encodeAddresses),
      }));
    const following = new Following<AddressSet>({ hear });
    this.#followed.set(path, following);
    feed.subscription = {
      [Symbol.dispose]: () => {
        if (this.#followed.get(path) === following) this.#followed.delete(path);
        following[Symbol.dispose]();
      },
    };
    following.follow(this.#known.get(path) ?? this.#lookedUp(router, Path.read(path)));
  }

  /** The addresses of a bound id that no tree here names, such as one that a worker knows from an earlier control thread. */
  #lookedUp(router: string, id: Path): Var<AddressSet> {
    const gone = Var.source<AddressSet>((set) => {
      set(failed(new Error(`${id.show} is not bound any more`)));
      return { [Symbol.dispose]: () => undefined };
    });
    const same = (tree: NameTree<Bound>): Var<AddressSet> =>
      leaves(tree).find((bound) => bound.id.equals(id))?.addresses ?? gone;
    return this.#parts.interpreterFor(router).bind(Dtab.empty, untransformed(id)).flatMap(same);
  }

  #open(id: number, version: number): Feed {
    this.#release(id);
    const feed: Feed = { id, version, encode: undefined, subscription: undefined, mentions: new Mentions(this.#known) };
    this.#feeds.set(id, feed);
    return feed;
  }

  /** `pending` is what a worker takes a name for that it was told nothing of, so it is not told. */
  #observe<T>(
    feed: Feed,
    of: Var<T>,
    dirty: Set<Feed>,
    heard: (state: State<T>) => (version: number) => BindingUpdate,
  ): void {
    feed.subscription = of.observe((state) => {
      if (state.tag !== "pending") this.#heard(feed, state, dirty, heard(state));
    });
  }

  #heard<T>(feed: Feed, { tag }: State<T>, dirty: Set<Feed>, encode: (version: number) => BindingUpdate): void {
    if (tag === "pending") return;
    feed.encode = encode;
    dirty.add(feed);
    this.#schedule();
  }

  #release(id: number): void {
    const feed = this.#feeds.get(id);
    if (feed === undefined) return;
    this.#feeds.delete(id);
    this.#dirtyAddresses.delete(feed);
    this.#dirtyNames.delete(feed);
    this.#awaiting.delete(feed);
    feed.subscription?.[Symbol.dispose]();
    feed.mentions[Symbol.dispose]();
  }

  /** What changes in one turn leaves together: addresses first, so that a tree is judged by what is known with it. */
  #schedule(): void {
    if (this.#isScheduled || this.#isWaiting) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#closed || this.#isWaiting) return;
    const updates: BindingUpdate[] = [];
    for (const dirty of [this.#dirtyAddresses, this.#dirtyNames]) {
      for (const feed of dirty) {
        if (updates.length >= MAX_BATCH) break;
        dirty.delete(feed);
        if (feed.encode === undefined) continue;
        updates.push(feed.encode(++feed.version));
        feed.mentions.sent();
        this.#awaiting.add(feed);
      }
    }
    if (updates.length === 0) return;
    this.#isWaiting = true;
    this.#parts.send({ batch: ++this.#batch, updates });
  }

  #acknowledged(batch: number): void {
    if (batch !== this.#batch) return;
    this.#isWaiting = false;
    for (const feed of this.#awaiting) feed.mentions.acknowledged();
    this.#awaiting.clear();
    this.#flush();
  }
}

type Named = Extract<BindingRequest, { readonly type: "bind" | "delegate" }>;
type Followed = Extract<BindingRequest, { readonly type: "follow" }>;
