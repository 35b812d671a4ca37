/** Reads one node's children and their data, and sees to it that what changes afterwards is told. */
import type { MirrorWorld } from "./mirror-world.ts";
import type { NodeKind } from "./node-kind.ts";
import { join } from "./paths.ts";
import type { Watcher, WatchEvent, WatchTarget } from "./watcher.ts";
import { isZkError } from "./zk-error.ts";

export interface WatchedNodeOptions<T> {
  readonly path: string;
  readonly kind: NodeKind<T>;
  readonly world: Pick<MirrorWorld, "client" | "reads" | "support">;
}

const NO_DATA = new Uint8Array(0);

/**
 * One recursive watch, where the server has those; otherwise a watch of the list and one of each child's data.
 */
export class WatchedNode<T> implements WatchTarget, Disposable {
  readonly path: string;
  readonly #kind: NodeKind<T>;
  readonly #world: WatchedNodeOptions<T>["world"];
  readonly #watcher: Watcher;
  readonly #target: WatchTarget;
  #isArmed = false;

  /** `target` is told what the watches tell. */
  constructor({ path, kind, world }: WatchedNodeOptions<T>, target: WatchTarget) {
    this.path = path;
    this.#kind = kind;
    this.#world = world;
    this.#target = target;
    this.#watcher = world.client.watcher(this);
  }

  noticed(event: WatchEvent): void {
    if (event.type === "lost") this.#isArmed = false;
    this.#target.noticed(event);
  }

  /** Whether the one watch stands, which is told `renewed` or `lost` after each gap. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  wants(name: string): boolean {
    return this.#kind.wants?.(name) ?? true;
  }

  /** Watches first and reads then, so that nothing happens in between unseen. `undefined`: there is no such node. */
  async names(isUrgent: boolean): Promise<readonly string[] | undefined> {
    const { wants } = this.#kind;
    if (!wants) await this.#arm();
    const names = await this.#names(isUrgent);
    if (wants && names && names.length > 0 && (await this.#arm())) return this.#names(isUrgent);
    return names;
  }

  /** What is kept of a child; `undefined`: there is no such child any more. */
  async child(name: string, isUrgent: boolean): Promise<T | undefined> {
    const { client, reads } = this.#world;
    const { path } = this;
    if (!this.#kind.withData) return this.#kind.read(NO_DATA, name, path);
    try {
      const { data } = await reads.run(() => client.getData(join(path, name), this.#oneTime), isUrgent);
      return this.#kind.read(data, name, path);
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return undefined;
      throw error;
    }
  }

  /** Resolves when the server knows what its leader knows now. */
  async catchUp(isUrgent: boolean): Promise<void> {
    const { client, reads } = this.#world;
    await reads.run(() => client.sync(this.path), isUrgent);
  }

  [Symbol.dispose](): void {
    this.#watcher[Symbol.dispose]();
  }

  /** Whether everything below the node is watched from now on, and was not before. */
  async #arm(): Promise<boolean> {
    const { client, support } = this.#world;
    if (this.#isArmed) return false;
    this.#isArmed = await support.use(() => client.addWatch(this.path, "recursive", this.#watcher));
    return this.#isArmed;
  }

  async #names(isUrgent: boolean): Promise<readonly string[] | undefined> {
    const { client, reads } = this.#world;
    const { path } = this;
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
