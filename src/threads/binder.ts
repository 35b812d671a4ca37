/** The control side of naming: binds what one worker asks for, and tells it each change once. */
import type { AddressSet } from "../base/address.ts";
import { failed, Var } from "../base/var.ts";
import { Dtab } from "../naming/dtab.ts";
import type { Interpreter } from "../naming/interpreter.ts";
import { leaves, type NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { Path } from "../naming/path.ts";
import { untransformed } from "../naming/transformer.ts";
import { AddressFeed, type AnyFeed, ExplanationFeed, type FeedHost, NameFeed } from "./feed.ts";
import { KnownAddresses } from "./known-addresses.ts";
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

/**
 * One for each worker and each channel to it. A worker's caches bound what it asks for. What changes while a batch is
 * on its way is sent as it is when that was acknowledged: nothing piles up for a worker that is slow.
 */
export class Binder implements FeedHost, Disposable {
  readonly #parts: BinderParts;
  readonly #feeds = new Map<number, AnyFeed>();
  /** A worker follows each id at most once. */
  readonly #known = new KnownAddresses();
  readonly #dirtyAddresses = new Set<AnyFeed>();
  readonly #dirtyNames = new Set<AnyFeed>();
  readonly #awaiting = new Set<AnyFeed>();
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

  /** Of a feed. */
  changed(feed: AnyFeed): void {
    (feed instanceof AddressFeed ? this.#dirtyAddresses : this.#dirtyNames).add(feed);
    this.#schedule();
  }

  #bind(asked: Named): void {
    const feed = this.#opened(new NameFeed(asked, this, this.#known));
    feed.start(this.#parts.interpreterFor(asked.router).bind(Dtab.read(asked.dtab), Path.read(asked.path)));
  }

  #delegate(asked: Named): void {
    const feed = this.#opened(new ExplanationFeed(asked, this));
    feed.start(this.#parts.interpreterFor(asked.router).delegate(Dtab.read(asked.dtab), Path.read(asked.path)));
  }

  #follow(asked: Followed): void {
    const { router, path } = asked;
    const feed = this.#opened(new AddressFeed(asked, this));
    this.#known.follow(path, feed);
    feed.follow(this.#known.get(path) ?? this.#lookedUp(router, Path.read(path)));
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

  #opened<F extends AnyFeed>(feed: F): F {
    this.#release(feed.id);
    this.#feeds.set(feed.id, feed);
    return feed;
  }

  #release(id: number): void {
    const feed = this.#feeds.get(id);
    if (feed === undefined) return;
    this.#feeds.delete(id);
    this.#dirtyAddresses.delete(feed);
    this.#dirtyNames.delete(feed);
    this.#awaiting.delete(feed);
    if (feed instanceof AddressFeed) this.#known.left(feed.path, feed);
    feed[Symbol.dispose]();
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
        updates.push(feed.take());
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
    for (const feed of this.#awaiting) feed.acknowledged();
    this.#awaiting.clear();
    this.#flush();
  }
}

type Named = Extract<BindingRequest, { readonly type: "bind" | "delegate" }>;
type Followed = Extract<BindingRequest, { readonly type: "follow" }>;
