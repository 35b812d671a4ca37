/** The children of one node and their data, kept as the server has them. */
import { Backoff, type Clock, type Random } from "linkspan/plugin";
import { childOf } from "./paths.ts";
import type { RelistSpread } from "./relist-spread.ts";
import { WatchedNode, type WatchedNodeOptions } from "./watched-node.ts";
import type { WatchEvent } from "./watches.ts";
import { isZkError } from "./zk-error.ts";

/** Children by name. `undefined` in its place: there is no such node. */
export type NodeChildren = ReadonlyMap<string, Uint8Array>;

export interface NodeMirrorOptions extends WatchedNodeOptions {
  readonly spread: RelistSpread;
  readonly clock: Clock;
  readonly random: Random;
  /** The whole of it, after each change; several changes at once are one call. */
  heard(children: NodeChildren | undefined): void;
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
const SECOND_LOOKS_MS = [500, 1_500];

/** After each gap everything is read again, because what happened in it is not told. */
export class NodeMirror implements Disposable {
  readonly #options: NodeMirrorOptions;
  readonly #node: WatchedNode;
  readonly #backoff: Backoff;
  readonly #stateWatch: Disposable;
  readonly #place: Disposable;
  #children: Map<string, Uint8Array> | undefined;
  #listing: "no" | "new" | "all" = "all";
  readonly #touched = new Set<string>();
  #wasRead = false;
  #isConnected = false;
  #isRunning = false;
  #closed = false;
  /** Whether the next pass waits for its turn among the others; one gap is told in many ways. */
  #isSpread = false;
  /** Not before it is the next pass. */
  #nextPass = -Infinity;
  #timer: Disposable | undefined;
  #secondLooks: readonly number[] = [];
  #secondLook: Disposable | undefined;

  constructor(options: NodeMirrorOptions) {
    this.#options = options;
    this.#place = options.spread.join();
    this.#backoff = new Backoff(RETRY_FROM_MS, RETRY_TO_MS, options.random);
    this.#node = new WatchedNode(options, (event) => this.#noticed(event));
    this.#stateWatch = options.client.onState((state) => {
      const wasConnected = this.#isConnected;
      this.#isConnected = state.tag === "connected";
      if (state.tag !== "connected" || wasConnected) return;
      const isYoung = options.clock.now() - state.at < YOUNG_MS;
      this.#secondLooks = isYoung ? SECOND_LOOKS_MS : [];
      // A watch that stands is told when it stands again: to read before that would be to read twice.
      if (!this.#node.isArmed) this.#readAll();
    });
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#secondLook?.[Symbol.dispose]();
    this.#stateWatch[Symbol.dispose]();
    this.#node[Symbol.dispose]();
    this.#place[Symbol.dispose]();
  }

  /** Who was never read does so at once, the others after a while. */
  #readAll(): void {
    this.#listing = "all";
    if (this.#wasRead && !this.#isSpread) {
      this.#isSpread = true;
      const { clock, spread } = this.#options;
      this.#nextPass = Math.max(this.#nextPass, clock.now() + spread.delayMs());
    }
    this.#schedule();
  }

  #noticed({ type, path }: WatchEvent): void {
    const { path: base } = this.#options;
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
    this.#touched.add(child);
    // What goes in one transaction is told node by node: the list shows all of it at once.
    if (type === "deleted" && this.#listing === "no" && (this.#children?.size ?? 0) <= LISTED_AT_A_LOSS) {
      this.#listing = "new";
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#isRunning || this.#timer || !this.#isConnected) return;
    const wait = this.#nextPass - this.#options.clock.now();
    if (wait <= 0) return void this.#pass();
    this.#wait(wait);
  }

  #wait(ms: number): void {
    this.#timer = this.#options.clock.timer(ms, () => {
      this.#timer = undefined;
      this.#schedule();
    });
  }

  async #pass(): Promise<void> {
    this.#isRunning = true;
    this.#isSpread = false;
    this.#nextPass = this.#options.clock.now() + PASS_EVERY_MS;
    try {
      const before = this.#children?.size ?? 0;
      await this.#read();
      this.#backoff.reset();
      this.#wasRead = true;
      if (!this.#closed) this.#options.heard(this.#children);
      if (this.#children === undefined || this.#children.size < before) this.#lookAgain();
    } catch (error) {
      this.#gaveUp(error);
    } finally {
      this.#isRunning = false;
    }
    if (this.#listing !== "no" || this.#touched.size > 0) this.#schedule();
  }

  /** What is missing on a young connection may only be late. */
  #lookAgain(): void {
    const [ms, ...later] = this.#secondLooks;
    if (ms === undefined || this.#closed || this.#secondLook) return;
    this.#secondLooks = later;
    this.#secondLook = this.#options.clock.timer(ms, () => {
      this.#secondLook = undefined;
      this.#readAll();
    });
  }

  #gaveUp(error: unknown): void {
    this.#listing = "all";
    if (this.#closed) return;
    // Without a connection the reason is the connection's, and a new one starts the reading again.
    if (!this.#isConnected) return;
    this.#wait(this.#backoff.next());
    if (!isZkError(error, "CONNECTION_LOSS")) this.#options.failed(error as Error);
  }

  async #read(): Promise<void> {
    const listing = this.#listing;
    this.#listing = "no";
    const touched = [...this.#touched];
    this.#touched.clear();
    if (listing === "all") return this.#list(new Map());
    const known = this.#children ?? new Map<string, Uint8Array>();
    if (listing === "no") return this.#children && this.#readChildren(touched, known);
    for (const name of touched) known.delete(name);
    return this.#list(known);
  }

  async #list(before: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const names = await this.#names();
    if (names === undefined) {
      this.#children = undefined;
      return;
    }
    const children = new Map<string, Uint8Array>();
    const unread: string[] = [];
    for (const name of names) {
      const known = before.get(name);
      if (known) children.set(name, known);
      else unread.push(name);
    }
    await this.#readChildren(unread, children);
    this.#children = children;
  }

  /** An absence is believed on a young connection only when the server has caught up with its leader. */
  async #names(): Promise<readonly string[] | undefined> {
    const names = await this.#node.names(!this.#wasRead);
    if (names !== undefined || this.#secondLooks.length === 0) return names;
    await this.#node.catchUp(!this.#wasRead);
    return this.#node.names(!this.#wasRead);
  }

  async #readChildren(names: readonly string[], into: Map<string, Uint8Array>): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const data = await this.#node.dataOf(name, !this.#wasRead);
        if (data === undefined) into.delete(name);
        else into.set(name, data);
      }),
    );
  }
}
