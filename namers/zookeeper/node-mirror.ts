/** The children of one node and their data, kept as the server has them. */
import { Backoff, type Clock, type Random } from "linkspan/plugin";
import type { ZkClient } from "./client.ts";
import type { InFlight } from "./in-flight.ts";
import type { Watcher, WatchEvent } from "./watches.ts";
import { isZkError } from "./zk-error.ts";

/** Children by name. `undefined` in its place: there is no such node. */
export type NodeChildren = ReadonlyMap<string, Uint8Array>;

/** What the server of a client can do; found out once, and shared by all mirrors on that client. */
export interface WatchSupport {
  /** Whether it knows `addWatch` (3.6 and later). */
  persistent: boolean;
}

export interface NodeMirrorOptions {
  readonly client: ZkClient;
  readonly path: string;
  readonly reads: InFlight;
  readonly support: WatchSupport;
  /** Otherwise only the names are read, and every child's data is empty. */
  readonly withData: boolean;
  /**
   * Which children are of interest; all unless given. Where it is given, what is below the node is watched as a whole
   * only once there is such a child: the node may be a mere folder, of which little is wanted and much is told.
   */
  readonly wants?: (name: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** The whole of it, after each change; several changes at once are one call. */
  heard(children: NodeChildren | undefined): void;
  /** It could not be read; it is read again by itself. */
  failed(cause: Error): void;
}

/** At most ten passes a second, however many changes there are. */
const PASS_EVERY_MS = 100;
const NO_DATA = new Uint8Array(0);
const RETRY_FROM_MS = 500;
const RETRY_TO_MS = 30_000;

/**
 * One recursive watch, where the server has those; otherwise a watch of the list and one of each child's data. After each
 * gap everything is read again, because what happened in it is not told.
 */
export class NodeMirror implements Disposable {
  readonly #options: NodeMirrorOptions;
  readonly #watcher: Watcher;
  readonly #backoff: Backoff;
  readonly #stateWatch: Disposable;
  #children: Map<string, Uint8Array> | undefined;
  #listing: "no" | "new" | "all" = "all";
  readonly #touched = new Set<string>();
  #isArmed = false;
  #isConnected = false;
  #isRunning = false;
  #closed = false;
  #lastPass = -Infinity;
  #timer: Disposable | undefined;

  constructor(options: NodeMirrorOptions) {
    this.#options = options;
    this.#backoff = new Backoff(RETRY_FROM_MS, RETRY_TO_MS, options.random);
    this.#watcher = options.client.watcher((event) => this.#noticed(event));
    this.#stateWatch = options.client.onState((state) => {
      const wasConnected = this.#isConnected;
      this.#isConnected = state.tag === "connected";
      if (this.#isConnected && !wasConnected) this.#readAll();
    });
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#stateWatch[Symbol.dispose]();
    this.#watcher[Symbol.dispose]();
  }

  #readAll(): void {
    this.#listing = "all";
    this.#schedule();
  }

  #noticed({ type, path }: WatchEvent): void {
    const { path: base } = this.#options;
    if (type === "lost") this.#isArmed = false;
    if (type === "renewed" || type === "lost") return this.#readAll();
    if (path === base) {
      // A node that was made again may hold other children under the same names.
      if (type === "changed") return;
      if (type === "childrenChanged") this.#listing = this.#listing === "no" ? "new" : this.#listing;
      else this.#listing = "all";
      return this.#schedule();
    }
    const child = childOf(base, path);
    if (child === undefined || !this.#wants(child)) return;
    this.#touched.add(child);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#isRunning || this.#timer || !this.#isConnected) return;
    const wait = this.#lastPass + PASS_EVERY_MS - this.#options.clock.now();
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
    this.#lastPass = this.#options.clock.now();
    try {
      await this.#read();
      this.#backoff.reset();
      if (!this.#closed) this.#options.heard(this.#children);
    } catch (error) {
      this.#gaveUp(error);
    } finally {
      this.#isRunning = false;
    }
    if (this.#listing !== "no" || this.#touched.size > 0) this.#schedule();
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

  /** Watches first and reads then, so that nothing happens in between unseen. */
  async #list(before: ReadonlyMap<string, Uint8Array>): Promise<void> {
    if (!this.#options.wants) await this.#arm();
    let names = await this.#names();
    if (this.#options.wants && names && names.length > 0 && (await this.#arm())) names = await this.#names();
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

  /** Whether everything below the node is watched from now on, and was not before. */
  async #arm(): Promise<boolean> {
    const { client, path, support } = this.#options;
    if (this.#isArmed || !support.persistent) return false;
    try {
      await client.addWatch(path, "recursive", this.#watcher);
      this.#isArmed = true;
    } catch (error) {
      if (!isZkError(error, "UNIMPLEMENTED")) throw error;
      support.persistent = false;
    }
    return this.#isArmed;
  }

  async #names(): Promise<readonly string[] | undefined> {
    const { client, path, reads } = this.#options;
    for (;;) {
      try {
        const { children } = await reads.run(() => client.getChildren(path, this.#oneTime));
        return children.filter((name) => this.#wants(name));
      } catch (error) {
        if (!isZkError(error, "NO_NODE")) throw error;
      }
      // A watch on what is not there works at any depth: the node's parents need not exist either.
      if (this.#oneTime === undefined || !(await reads.run(() => client.exists(path, this.#oneTime)))) return undefined;
    }
  }

  async #readChildren(names: readonly string[], into: Map<string, Uint8Array>): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const data = await this.#dataOf(name);
        if (data === undefined) into.delete(name);
        else into.set(name, data);
      }),
    );
  }

  async #dataOf(name: string): Promise<Uint8Array | undefined> {
    const { client, path, reads, withData } = this.#options;
    if (!withData) return NO_DATA;
    try {
      return (await reads.run(() => client.getData(join(path, name), this.#oneTime))).data;
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return undefined;
      throw error;
    }
  }

  /** What is read is watched by the reading itself where nothing else watches it. */
  get #oneTime(): Watcher | undefined {
    return this.#isArmed ? undefined : this.#watcher;
  }

  #wants(name: string): boolean {
    return this.#options.wants?.(name) ?? true;
  }
}

export const join = (parent: string, child: string): string => (parent === "/" ? `/${child}` : `${parent}/${child}`);

/** The name directly below `parent`, or `undefined` for what is deeper or elsewhere. */
function childOf(parent: string, path: string): string | undefined {
  const start = parent === "/" ? 1 : parent.length + 1;
  const name = path.slice(start);
  return path.startsWith(join(parent, "")) && name !== "" && !name.includes("/") ? name : undefined;
}
