/** The children of one node and what is read of their data, kept as the server has them. */
import { Backoff } from "linkspan/plugin";
import { changedChildren, listedChildren, type ReadChildren } from "./merged-children.ts";
import type { MirrorWorld } from "./mirror-world.ts";
import type { NodeChildren, NodeKind } from "./node-kind.ts";
import { childOf } from "./paths.ts";
import type { SessionState } from "./session-state.ts";
import type { StateFollower } from "./state-board.ts";
import { WatchedNode } from "./watched-node.ts";
import type { WatchEvent, WatchTarget } from "./watcher.ts";
import { isZkError } from "./zk-error.ts";

export interface NodeMirrorOptions<T> {
  readonly path: string;
  readonly kind: NodeKind<T>;
  readonly world: MirrorWorld;
}

export interface MirrorListener<T> {
  /** The whole of it, after each change; several changes at once are one call. */
  heard(children: NodeChildren<T> | undefined): void;
  /** It could not be read; it is read again by itself. */
  failed(cause: Error): void;
}

/** At most ten passes a second, however many changes there are. */
const PASS_EVERY_MS = 100;
const RETRY_FROM_MS = 500;
/** Who was refused reads again soon enough to see what is true within 5 s of the end of the trouble. */
const RETRY_TO_MS = 4_000;
/** Of more children than that, a loss is taken as it is told. */
const LISTED_AT_A_LOSS = 1_000;
/** A server may say of what it is only loading, or has not heard of yet, that it is not there. */
const YOUNG_MS = 2_000;
/** When an absence that was read on a young connection is looked at again. */
const SECOND_LOOKS_MS: readonly number[] = [500, 1_500];
const NONE: readonly never[] = [];

/**
 * After each gap everything is read again, because what happened in it is not told. There are as many of them as there
 * are names, so that what few of them need is only made when it is needed.
 */
export class NodeMirror<T> implements WatchTarget, StateFollower, Disposable {
  readonly #kind: NodeKind<T>;
  readonly #world: MirrorWorld;
  readonly #node: WatchedNode<T>;
  #listeners: readonly MirrorListener<T>[] = NONE;
  #backoff: Backoff | undefined;
  #children: NodeChildren<T> | undefined;
  /** Since the last reading. */
  #trouble: Error | undefined;
  #listing: "no" | "new" | "all" = "all";
  #touched: Set<string> | undefined;
  #wasRead = false;
  #isConnected = false;
  #isRunning = false;
  #closed = false;
  /** Whether the next pass waits for its turn among the others; one gap is told in many ways. */
  #isSpread = false;
  /** Not before it is the next pass. */
  #nextPass = -Infinity;
  #timer: Disposable | undefined;
  #secondLooks = NONE as readonly number[];
  #secondLook: Disposable | undefined;

  /** Reads from now on, until it is disposed. */
  constructor({ path, kind, world }: NodeMirrorOptions<T>) {
    this.#kind = kind;
    this.#world = world;
    this.#node = new WatchedNode({ path, kind, world }, this);
    world.spread.enter();
    world.client.join(this);
  }

  get isFollowed(): boolean {
    return this.#listeners.length > 0;
  }

  /** Tells what is known, and from now on everything. */
  join(listener: MirrorListener<T>): void {
    // `concat` leaves no room that nobody asked for: nearly always there is one.
    this.#listeners = this.#listeners.concat(listener);
    if (this.#wasRead) listener.heard(this.#children);
    if (this.#trouble) listener.failed(this.#trouble);
  }

  leave(listener: MirrorListener<T>): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners = NONE;
    this.#timer?.[Symbol.dispose]();
    this.#secondLook?.[Symbol.dispose]();
    this.#world.client.leave(this);
    this.#node[Symbol.dispose]();
    this.#world.spread.leave();
  }

  stateChanged(state: SessionState): void {
    const wasConnected = this.#isConnected;
    this.#isConnected = state.tag === "connected";
    const trouble = this.#world.troubleIn(state);
    if (trouble) this.#failed(trouble);
    if (state.tag !== "connected" || wasConnected) return;
    const isYoung = this.#world.clock.now() - state.at < YOUNG_MS;
    this.#secondLooks = isYoung ? SECOND_LOOKS_MS : NONE;
    // A watch that stands is told when it stands again: to read before that would be to read twice.
    if (!this.#node.isArmed) this.#readAll();
  }

  noticed({ type, path }: WatchEvent): void {
    const { path: base } = this.#node;
    if (type === "renewed" || type === "lost") return this.#readAll();
    if (path === base) {
      // A node that was made again may hold other children under the same names.
      if (type === "changed") return;
      if (type === "childrenChanged") this.#listing = this.#listing === "no" ? "new" : this.#listing;
      else this.#listing = "all";
      return this.#schedule();
    }
    const child = childOf(base, path);
    if (child === undefined || !this.#node.wants(child)) return;
    (this.#touched ??= new Set()).add(child);
    // What goes in one transaction is told node by node: the list shows all of it at once.
    if (type === "deleted" && this.#listing === "no" && (this.#children?.size ?? 0) <= LISTED_AT_A_LOSS) {
      this.#listing = "new";
    }
    this.#schedule();
  }

  /** Who was never read does so at once, the others after a while. */
  #readAll(): void {
    this.#listing = "all";
    if (this.#wasRead && !this.#isSpread) {
      this.#isSpread = true;
      const { clock, spread } = this.#world;
      this.#nextPass = Math.max(this.#nextPass, clock.now() + spread.delayMs());
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#isRunning || this.#timer || !this.#isConnected) return;
    const wait = this.#nextPass - this.#world.clock.now();
    if (wait <= 0) return void this.#pass();
    this.#wait(wait);
  }

  #wait(ms: number): void {
    this.#timer = this.#world.clock.timer(ms, () => {
      this.#timer = undefined;
      this.#schedule();
    });
  }

  async #pass(): Promise<void> {
    this.#isRunning = true;
    this.#isSpread = false;
    this.#nextPass = this.#world.clock.now() + PASS_EVERY_MS;
    try {
      const before = this.#children?.size ?? 0;
      this.#children = this.#packed(await this.#read());
      this.#backoff = undefined;
      this.#wasRead = true;
      this.#trouble = undefined;
      for (const listener of this.#listeners) listener.heard(this.#children);
      if (this.#children === undefined || this.#children.size < before) this.#lookAgain();
    } catch (error) {
      this.#gaveUp(error);
    } finally {
      this.#isRunning = false;
    }
    if (this.#listing !== "no" || this.#touched) this.#schedule();
  }

  /** What is missing on a young connection may only be late. */
  #lookAgain(): void {
    const [ms, ...later] = this.#secondLooks;
    if (ms === undefined || this.#closed || this.#secondLook) return;
    this.#secondLooks = later;
    this.#secondLook = this.#world.clock.timer(ms, () => {
      this.#secondLook = undefined;
      this.#readAll();
    });
  }

  #gaveUp(error: unknown): void {
    this.#listing = "all";
    if (this.#closed) return;
    // Without a connection the reason is the connection's, and a new one starts the reading again.
    if (!this.#isConnected) return;
    this.#backoff ??= new Backoff(RETRY_FROM_MS, RETRY_TO_MS, this.#world.random);
    this.#wait(this.#backoff.next());
    if (!isZkError(error, "CONNECTION_LOSS")) this.#failed(error as Error);
  }

  #failed(cause: Error): void {
    this.#trouble = cause;
    for (const listener of this.#listeners) listener.failed(cause);
  }

  async #read(): Promise<NodeChildren<T> | undefined> {
    const listing = this.#listing;
    const touched = this.#touched;
    this.#listing = "no";
    this.#touched = undefined;
    const known = this.#children ?? new Map<string, T>();
    const isSame = (a: T, b: T): boolean => this.#kind.isSame(a, b);
    if (listing === "no") {
      return this.#children && changedChildren(known, await this.#readChildren(touched ?? NONE), isSame);
    }
    const names = await this.#names();
    if (names === undefined) return undefined;
    const isUnread = (name: string): boolean => listing === "all" || !known.has(name) || touched?.has(name) === true;
    return listedChildren(known, names, await this.#readChildren(names.filter(isUnread)), isSame);
  }

  #packed(children: NodeChildren<T> | undefined): NodeChildren<T> | undefined {
    return children && children !== this.#children ? (this.#kind.packed?.(children) ?? children) : children;
  }

  async #readChildren(names: Iterable<string>): Promise<ReadChildren<T>> {
    const isUrgent = !this.#wasRead;
    const read = new Map<string, T | undefined>();
    await Promise.all(Array.from(names, async (name) => void read.set(name, await this.#node.child(name, isUrgent))));
    return read;
  }

  /** An absence is believed on a young connection only when the server has caught up with its leader. */
  async #names(): Promise<readonly string[] | undefined> {
    const names = await this.#node.names(!this.#wasRead);
    if (names !== undefined || this.#secondLooks.length === 0) return names;
    await this.#node.catchUp(!this.#wasRead);
    return this.#node.names(!this.#wasRead);
  }
}
