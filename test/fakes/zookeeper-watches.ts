/** The watches of one connection to the fake ZooKeeper. */
import type { JuteReader } from "../../namers/zookeeper/jute.ts";
import { EventType } from "../../namers/zookeeper/records.ts";
import { type FakeTree, parentOf } from "./zookeeper-tree.ts";

export class FakeWatches {
  readonly data = new Set<string>();
  readonly children = new Set<string>();
  readonly persistent = new Set<string>();
  readonly recursive = new Set<string>();

  get size(): number {
    return this.data.size + this.children.size + this.persistent.size + this.recursive.size;
  }

  /** Whether this connection is to be told; what watched once does so no more. */
  fires(type: number, path: string): boolean {
    let fires = this.persistent.has(path);
    if (type !== EventType.childrenChanged) {
      fires = this.data.delete(path) || fires;
      fires = this.#isBelowRecursive(path) || fires;
    }
    if (type === EventType.deleted || type === EventType.childrenChanged) fires = this.children.delete(path) || fires;
    return fires;
  }

  /** WatcherType 1 children, 2 data, 3 any. Whether there was one. */
  remove(path: string, type: number): boolean {
    let found = false;
    if (type !== 1) found = this.data.delete(path) || found;
    if (type !== 2) found = this.children.delete(path) || found;
    if (type === 3) found = [this.persistent.delete(path), this.recursive.delete(path), found].includes(true);
    return found;
  }

  /** What SetWatches does: what happened since `zxid` is told at once, the rest is watched. */
  restore(
    reader: JuteReader,
    withPersistent: boolean,
    tree: FakeTree,
    tell: (type: number, path: string) => void,
  ): void {
    const zxid = reader.long();
    const paths = (): string[] => reader.vector(() => reader.string());
    for (const path of paths()) {
      const node = tree.nodes.get(path);
      if (!node) tell(EventType.deleted, path);
      else if (node.mzxid > zxid) tell(EventType.changed, path);
      else this.data.add(path);
    }
    for (const path of paths()) {
      if (tree.nodes.has(path)) tell(EventType.created, path);
      else this.data.add(path);
    }
    for (const path of paths()) {
      const node = tree.nodes.get(path);
      if (!node) tell(EventType.deleted, path);
      else if (node.pzxid > zxid) tell(EventType.childrenChanged, path);
      else this.children.add(path);
    }
    if (!withPersistent) return;
    for (const path of paths()) this.persistent.add(path);
    for (const path of paths()) this.recursive.add(path);
  }

  #isBelowRecursive(path: string): boolean {
    for (let at = path; ; at = parentOf(at)) {
      if (this.recursive.has(at)) return true;
      if (at === "/") return false;
    }
  }
}
