/** Who watches what: the registry that notifications are matched against, and that reconnects re-arm from. */
import type { Log } from "linkspan/plugin";
import { EventType } from "./records.ts";
import type { Watcher, WatchEvent } from "./watcher.ts";

/** What a server can be asked to tell. `data`, `exists` and `children` are told once, the others every time. */
export type WatchKind = "data" | "exists" | "children" | PersistentMode;

/** One node, or it and all below it. */
export type PersistentMode = "persistent" | "recursive";

/** The server's answers to `setWatches`, by kind. */
export type WatchedPaths = Readonly<Record<WatchKind, readonly string[]>>;

const oneTimeKinds = ["data", "exists", "children"] as const;
const persistentKinds = ["persistent", "recursive"] as const;

/** Kinds are kept as sums of these. */
const bits: Readonly<Record<WatchKind, number>> = { data: 1, exists: 2, children: 4, persistent: 8, recursive: 16 };
const ONE_TIME = bits.data | bits.exists | bits.children;
const NODE = bits.data | bits.exists;

/** What the types of events are called, and which watches of one time each uses up. */
const events: Readonly<Record<number, { readonly name: WatchEvent["type"]; readonly usesUp: number }>> = {
  [EventType.created]: { name: "created", usesUp: NODE },
  [EventType.deleted]: { name: "deleted", usesUp: NODE | bits.children },
  [EventType.changed]: { name: "changed", usesUp: NODE },
  [EventType.childrenChanged]: { name: "childrenChanged", usesUp: bits.children },
};

/** All that one watcher watches of one path. Those of one path are a list: there is seldom more than one. */
class Watch {
  readonly watcher: Watcher;
  kinds: number;
  next: Watch | undefined;

  constructor(watcher: Watcher, kinds: number) {
    this.watcher = watcher;
    this.kinds = kinds;
  }
}

/** A watch that its session took with it. */
export interface LostWatch {
  readonly path: string;
  readonly watcher: Watcher;
}

/** Paths are the server's, with the chroot. */
export class WatchRegistry {
  readonly #log: Log;
  readonly #watches = new Map<string, Watch>();
  /** How many watches are recursive: without any, nobody watches what is above a node. */
  #recursive = 0;
  readonly #expected = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    if (!watcher.live) return;
    const bit = bits[kind];
    const known = this.#all(path).find((each) => each.watcher === watcher);
    if (((known?.kinds ?? 0) & bit) !== 0) return;
    if (known) known.kinds |= bit;
    else this.#append(path, new Watch(watcher, bit));
    if (kind === "recursive") this.#recursive++;
    watcher.begins(path);
  }

  /** A request that will watch `path` is on its way; `settled` ends that. */
  expect(path: string): void {
    this.#expected.set(path, (this.#expected.get(path) ?? 0) + 1);
  }

  settled(path: string): void {
    const left = (this.#expected.get(path) ?? 1) - 1;
    if (left > 0) this.#expected.set(path, left);
    else this.#expected.delete(path);
  }

  /** Takes everything of `watcher` out, and returns the paths that nobody watches any more in any way. */
  forget(watcher: Watcher): string[] {
    const { paths } = watcher;
    for (const path of paths) {
      for (const watch of this.#all(path)) if (watch.watcher === watcher) this.#drop(path, watch, watch.kinds);
    }
    return paths.filter((path) => !this.isWatched(path));
  }

  /** Or about to be. */
  isWatched(path: string): boolean {
    return this.#expected.has(path) || this.#watches.has(path);
  }

  /** Tells whom a notification concerns. */
  dispatch(type: number, path: string): void {
    const event = events[type];
    if (event === undefined) return;
    const told = new Set(this.#take(path, event.usesUp));
    for (const { watcher, kinds } of this.#all(path)) if ((kinds & bits.persistent) !== 0) told.add(watcher);
    if (type !== EventType.childrenChanged && this.#recursive > 0) this.#gatherAbove(path, told);
    for (const watcher of told) this.#tell(watcher, event.name, path);
  }

  /** Everything watched, to be armed again. */
  paths(): WatchedPaths {
    const found: Record<WatchKind, string[]> = { data: [], exists: [], children: [], persistent: [], recursive: [] };
    for (const path of this.#watches.keys()) {
      const kinds = this.#all(path).reduce((sum, each) => sum | each.kinds, 0);
      for (const kind of [...oneTimeKinds, ...persistentKinds]) if ((kinds & bits[kind]) !== 0) found[kind].push(path);
    }
    return found;
  }

  /** Tells that a persistent watch is armed again. */
  renewed(kind: PersistentMode, path: string): void {
    for (const { watcher, kinds } of this.#all(path)) {
      if ((kinds & bits[kind]) !== 0) this.#tell(watcher, "renewed", path);
    }
  }

  /** Takes out every watch of one time: their session is over. */
  takeOneTime(): LostWatch[] {
    const lost: LostWatch[] = [];
    for (const path of Array.from(this.#watches.keys())) {
      for (const watcher of this.#take(path, ONE_TIME)) lost.push({ path, watcher });
    }
    return lost;
  }

  tellLost(lost: LostWatch): void {
    this.#tell(lost.watcher, "lost", lost.path);
  }

  /** Ends the watches of `path`, and tells so. */
  lost(kind: WatchKind, path: string): void {
    for (const watcher of this.#take(path, bits[kind])) this.#tell(watcher, "lost", path);
  }

  clear(): void {
    this.#watches.clear();
    this.#recursive = 0;
  }

  #all(path: string): readonly Watch[] {
    const all: Watch[] = [];
    for (let watch = this.#watches.get(path); watch; watch = watch.next) all.push(watch);
    return all;
  }

  #append(path: string, watch: Watch): void {
    const last = this.#all(path).at(-1);
    if (last) last.next = watch;
    else this.#watches.set(path, watch);
  }

  /** Ends the watches of `kinds`, and says whose they were. */
  #take(path: string, kinds: number): Watcher[] {
    const taken = this.#all(path).filter((watch) => (watch.kinds & kinds) !== 0);
    for (const watch of taken) this.#drop(path, watch, kinds);
    return taken.map(({ watcher }) => watcher);
  }

  #drop(path: string, watch: Watch, kinds: number): void {
    if ((watch.kinds & kinds & bits.recursive) !== 0) this.#recursive--;
    watch.kinds &= ~kinds;
    if (watch.kinds !== 0) return;
    watch.watcher.ends(path);
    const before = this.#all(path).find(({ next }) => next === watch);
    if (before) before.next = watch.next;
    else if (watch.next) this.#watches.set(path, watch.next);
    else this.#watches.delete(path);
  }

  #gatherAbove(path: string, into: Set<Watcher>): void {
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/")) || "/") {
      for (const { watcher, kinds } of this.#all(at)) if ((kinds & bits.recursive) !== 0) into.add(watcher);
      if (at === "/") return;
    }
  }

  #tell(watcher: Watcher, type: WatchEvent["type"], path: string): void {
    try {
      watcher.tell(type, path);
    } catch (error) {
      this.#log.error("bug", { where: "zookeeper.watcher", path, message: String(error) });
    }
  }
}
