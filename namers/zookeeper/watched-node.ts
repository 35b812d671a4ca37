/** Reads one node's children and their data, and sees to it that what changes afterwards is told. */
import type { ZkClient } from "./client.ts";
import type { InFlight } from "./in-flight.ts";
import { join } from "./paths.ts";
import type { WatchSupport } from "./watch-support.ts";
import type { Watcher, WatchEvent } from "./watches.ts";
import { isZkError } from "./zk-error.ts";

export interface WatchedNodeOptions {
  readonly client: ZkClient;
  readonly path: string;
  readonly reads: InFlight;
  /** Shared by all who use that client. */
  readonly support: WatchSupport;
  /** Otherwise only the names are read, and every child's data is empty. */
  readonly withData: boolean;
  /**
   * Which children are of interest; all unless given. Where it is given, what is below the node is watched as a whole
   * only once there is such a child: the node may be a mere folder, of which little is wanted and much is told.
   */
  readonly wants?: (name: string) => boolean;
}

const NO_DATA = new Uint8Array(0);

/**
 * One recursive watch, where the server has those; otherwise a watch of the list and one of each child's data.
 */
export class WatchedNode implements Disposable {
  readonly #options: WatchedNodeOptions;
  readonly #watcher: Watcher;
  #isArmed = false;

  constructor(options: WatchedNodeOptions, noticed: (event: WatchEvent) => void) {
    this.#options = options;
    this.#watcher = options.client.watcher((event) => {
      if (event.type === "lost") this.#isArmed = false;
      noticed(event);
    });
  }

  /** Whether the one watch stands, which is told `renewed` or `lost` after each gap. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  wants(name: string): boolean {
    return this.#options.wants?.(name) ?? true;
  }

  /** Watches first and reads then, so that nothing happens in between unseen. `undefined`: there is no such node. */
  async names(isUrgent: boolean): Promise<readonly string[] | undefined> {
    const { wants } = this.#options;
    if (!wants) await this.#arm();
    const names = await this.#names(isUrgent);
    if (wants && names && names.length > 0 && (await this.#arm())) return this.#names(isUrgent);
    return names;
  }

  /** `undefined`: there is no such child any more. */
  async dataOf(name: string, isUrgent: boolean): Promise<Uint8Array | undefined> {
    const { client, path, reads, withData } = this.#options;
    if (!withData) return NO_DATA;
    try {
      return (await reads.run(() => client.getData(join(path, name), this.#oneTime), isUrgent)).data;
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return undefined;
      throw error;
    }
  }

  /** Resolves when the server knows what its leader knows now. */
  async catchUp(isUrgent: boolean): Promise<void> {
    const { client, path, reads } = this.#options;
    await reads.run(() => client.sync(path), isUrgent);
  }

  [Symbol.dispose](): void {
    this.#watcher[Symbol.dispose]();
  }

  /** Whether everything below the node is watched from now on, and was not before. */
  async #arm(): Promise<boolean> {
    const { client, path, support } = this.#options;
    if (this.#isArmed) return false;
    this.#isArmed = await support.use(() => client.addWatch(path, "recursive", this.#watcher));
    return this.#isArmed;
  }

  async #names(isUrgent: boolean): Promise<readonly string[] | undefined> {
    const { client, path, reads } = this.#options;
    for (;;) {
      try {
        const { children } = await reads.run(() => client.getChildren(path, this.#oneTime), isUrgent);
        return children.filter((name) => this.wants(name));
      } catch (error) {
        if (!isZkError(error, "NO_NODE")) throw error;
      }
      // A watch on what is not there works at any depth: the node's parents need not exist either.
      if (this.#oneTime === undefined) return undefined;
      if (!(await reads.run(() => client.exists(path, this.#oneTime), isUrgent))) return undefined;
    }
  }

  /** What is read is watched by the reading itself where nothing else watches it. */
  get #oneTime(): Watcher | undefined {
    return this.#isArmed ? undefined : this.#watcher;
  }
}
