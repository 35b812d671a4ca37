/** Lists the nodes with members below them, of a whole tree, for as long as somebody observes the list. */
import { Backoff, Path } from "linkspan/plugin";
import type { MirrorWorld } from "./mirror-world.ts";
import { elementOf } from "./node-names.ts";
import { join } from "./paths.ts";
import { isMemberNode } from "./serverset-reader.ts";
import type { Watcher, WatchEvent } from "./watcher.ts";
import { isZkError } from "./zk-error.ts";

export interface GroupListOptions extends Omit<MirrorWorld, "support"> {
  /** All of them, after each change; several changes at once are one call. */
  heard(paths: readonly Path[]): void;
  /** It could not be read; it is read again by itself. */
  failed(cause: Error): void;
}

/** A tree that is larger than this is somebody else's. */
const MOST_NODES = 10_000;
const PASS_EVERY_MS = 100;
const RETRY_FROM_MS = 500;
const RETRY_TO_MS = 4_000;
/** ZooKeeper's own. */
const RESERVED = "/zookeeper";
const isFolder = (name: string): boolean => !isMemberNode(name) && !name.startsWith("vector_");

interface Folder {
  readonly folders: ReadonlySet<string>;
  readonly hasMembers: boolean;
}

/** A watch of the children of each node, members left out, which cannot have any. */
export class GroupList implements Disposable {
  readonly #options: GroupListOptions;
  readonly #watcher: Watcher;
  readonly #backoff: Backoff;
  readonly #stateWatch: Disposable;
  readonly #known = new Map<string, Folder>();
  readonly #unread = new Set<string>(["/"]);
  #isConnected = false;
  #isRunning = false;
  #closed = false;
  /** Whether the next pass waits for its turn among all who read again; one gap is told node by node. */
  #isSpread = false;
  /** Not before it is the next pass. */
  #nextPass = -Infinity;
  #timer: Disposable | undefined;

  constructor(options: GroupListOptions) {
    this.#options = options;
    options.spread.enter();
    this.#backoff = new Backoff(RETRY_FROM_MS, RETRY_TO_MS, options.random);
    this.#watcher = options.client.watcher((event) => this.#noticed(event));
    this.#stateWatch = options.client.onState((state) => {
      this.#isConnected = state.tag === "connected";
      const trouble = options.troubleIn(state);
      if (trouble) options.failed(trouble);
      if (!this.#isConnected) return;
      this.#timer?.[Symbol.dispose]();
      this.#timer = undefined;
      if (!this.#isSpread) this.#nextPass = -Infinity;
      this.#schedule();
    });
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#stateWatch[Symbol.dispose]();
    this.#watcher[Symbol.dispose]();
    this.#options.spread.leave();
  }

  #noticed({ type, path }: WatchEvent): void {
    // What was left out because it was gone is not to be watched again by a late event.
    if (path !== "/" && !this.#known.has(path)) return;
    this.#unread.add(path);
    if (type === "lost" && !this.#isSpread) {
      this.#isSpread = true;
      this.#waitAtLeast(this.#options.spread.delayMs(this.#known.size));
    }
    // What goes on changing does not put off the pass that is to come.
    if (!this.#timer) this.#waitAtLeast(PASS_EVERY_MS);
    this.#schedule();
  }

  #waitAtLeast(ms: number): void {
    this.#nextPass = Math.max(this.#nextPass, this.#options.clock.now() + ms);
  }

  #schedule(): void {
    if (this.#closed || this.#isRunning || this.#timer || !this.#isConnected) return;
    const { clock } = this.#options;
    this.#timer = clock.timer(Math.max(0, this.#nextPass - clock.now()), () => {
      this.#timer = undefined;
      if (this.#nextPass > clock.now()) this.#schedule();
      else void this.#pass();
    });
  }

  async #pass(): Promise<void> {
    if (this.#isRunning || this.#closed || !this.#isConnected) return;
    this.#isRunning = true;
    this.#isSpread = false;
    let pause = PASS_EVERY_MS;
    try {
      while (this.#unread.size > 0 && !this.#closed) await this.#readUnread();
      this.#backoff.reset();
      if (!this.#closed) this.#options.heard(this.#groups());
    } catch (error) {
      pause = this.#backoff.next();
      if (!this.#closed && !isZkError(error, "CONNECTION_LOSS")) this.#options.failed(error as Error);
    } finally {
      this.#isRunning = false;
    }
    this.#waitAtLeast(pause);
    if (this.#unread.size > 0) this.#schedule();
  }

  async #readUnread(): Promise<void> {
    const paths = [...this.#unread];
    const unknown = paths.filter((path) => !this.#known.has(path));
    if (this.#known.size + unknown.length > MOST_NODES) {
      throw new Error(`there are more than ${MOST_NODES} nodes: they are not listed`);
    }
    const results = await Promise.allSettled(paths.map((path) => this.#read(path)));
    const failure = results.find((each) => each.status === "rejected");
    if (failure) throw failure.reason as Error;
  }

  async #read(path: string): Promise<void> {
    const { client, reads } = this.#options;
    // Before the answer, so that a change after it is not forgotten.
    this.#unread.delete(path);
    try {
      const { children } = await reads.run(() => client.getChildren(path, this.#watcher));
      this.#learn(path, children);
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return this.#forget(path);
      this.#unread.add(path);
      throw error;
    }
  }

  #learn(path: string, children: readonly string[]): void {
    const paths = children.filter(isFolder).map((name) => join(path, name));
    const folders = new Set(paths.filter((each) => each !== RESERVED));
    const before = this.#known.get(path)?.folders ?? new Set();
    for (const gone of before) if (!folders.has(gone)) this.#forget(gone);
    this.#known.set(path, { folders, hasMembers: children.some(isMemberNode) });
    for (const each of folders) if (!this.#known.has(each)) this.#unread.add(each);
  }

  #forget(path: string): void {
    const folder = this.#known.get(path);
    this.#known.delete(path);
    this.#unread.delete(path);
    for (const each of folder?.folders ?? []) this.#forget(each);
  }

  #groups(): readonly Path[] {
    const paths = [...this.#known].filter(([, { hasMembers }]) => hasMembers).map(([path]) => path);
    return paths.sort().map((path) =>
      Path.from(
        path
          .split("/")
          .filter((part) => part !== "")
          .map(elementOf),
      ),
    );
  }
}
