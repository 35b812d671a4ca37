/** Who watches what: the registry that notifications are matched against, and that reconnects re-arm from. */
import type { Log } from "linkspan/plugin";
import { EventType } from "./records.ts";

/** What a server can be asked to tell. `data`, `exists` and `children` are told once, the others every time. */
export type WatchKind = "data" | "exists" | "children" | PersistentMode;

/** One node, or it and all below it. */
export type PersistentMode = "persistent" | "recursive";

/**
 * `created` `deleted` `changed` `childrenChanged`: what happened to the node. A watch of one time is over.
 * `renewed`: a persistent watch was armed again after a gap in which changes were not told: read anew.
 * `lost`: this watch is over, and what it would have told is not known: read and watch anew.
 */
export interface WatchEvent {
  readonly type: "created" | "deleted" | "changed" | "childrenChanged" | "renewed" | "lost";
  readonly path: string;
}

export type Listener = (event: WatchEvent) => void;

/** The server's answers to `setWatches`, by kind. */
export type WatchedPaths = Readonly<Record<WatchKind, readonly string[]>>;

const oneTimeKinds = ["data", "exists", "children"] as const;
const eventNames: Readonly<Record<number, WatchEvent["type"]>> = {
  [EventType.created]: "created",
  [EventType.deleted]: "deleted",
  [EventType.changed]: "changed",
  [EventType.childrenChanged]: "childrenChanged",
};
/** Which watches of one time an event uses up. */
const usedUp: Readonly<Record<number, readonly (typeof oneTimeKinds)[number][]>> = {
  [EventType.created]: ["data", "exists"],
  [EventType.deleted]: ["data", "exists", "children"],
  [EventType.changed]: ["data", "exists"],
  [EventType.childrenChanged]: ["children"],
};

/** One interested party. It may watch many nodes; its disposal ends all of that. */
export class Watcher implements Disposable {
  readonly #listener: Listener;
  readonly #onDispose: (watcher: Watcher) => void;
  /** `kind path` of each watch, kept by the registry. */
  readonly held = new Set<string>();
  #live = true;

  constructor(listener: Listener, onDispose: (watcher: Watcher) => void) {
    this.#listener = listener;
    this.#onDispose = onDispose;
  }

  get live(): boolean {
    return this.#live;
  }

  tell(event: WatchEvent): void {
    if (this.#live) this.#listener(event);
  }

  [Symbol.dispose](): void {
    if (!this.#live) return;
    this.#live = false;
    this.#onDispose(this);
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
  readonly #byKind: Readonly<Record<WatchKind, Map<string, Set<Watcher>>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
    persistent: new Map(),
    recursive: new Map(),
  };

  readonly #expected = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    if (!watcher.live) return;
    const watchers = this.#byKind[kind].get(path);
    if (watchers) watchers.add(watcher);
    else this.#byKind[kind].set(path, new Set([watcher]));
    watcher.held.add(`${kind} ${path}`);
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
    const paths = new Set<string>();
    for (const key of watcher.held) {
      const at = key.indexOf(" ");
      const path = key.slice(at + 1);
      this.#drop(key.slice(0, at) as WatchKind, path, watcher);
      paths.add(path);
    }
    return [...paths].filter((path) => !this.isWatched(path));
  }

  /** Or about to be. */
  isWatched(path: string): boolean {
    return this.#expected.has(path) || Object.values(this.#byKind).some((watched) => watched.has(path));
  }

  /** Tells whom a notification concerns. */
  dispatch(type: number, path: string): void {
    const name = eventNames[type];
    if (name === undefined) return;
    const told = new Set<Watcher>();
    for (const kind of usedUp[type] ?? []) for (const watcher of this.#take(kind, path)) told.add(watcher);
    for (const watcher of this.#byKind.persistent.get(path) ?? []) told.add(watcher);
    if (type !== EventType.childrenChanged) this.#gatherAbove(path, told);
    for (const watcher of told) this.#tell(watcher, { type: name, path });
  }

  /** Everything watched, to be armed again. */
  paths(): WatchedPaths {
    const of = (kind: WatchKind): string[] => [...this.#byKind[kind].keys()];
    const [data, exists, children] = oneTimeKinds.map(of) as [string[], string[], string[]];
    return { data, exists, children, persistent: of("persistent"), recursive: of("recursive") };
  }

  /** Tells that a persistent watch is armed again. */
  renewed(kind: PersistentMode, path: string): void {
    for (const watcher of Array.from(this.#byKind[kind].get(path) ?? []))
      this.#tell(watcher, { type: "renewed", path });
  }

  /** Takes out every watch of one time: their session is over. */
  takeOneTime(): LostWatch[] {
    const lost: LostWatch[] = [];
    for (const kind of oneTimeKinds) {
      for (const path of Array.from(this.#byKind[kind].keys()))
        for (const watcher of this.#take(kind, path)) lost.push({ path, watcher });
    }
    return lost;
  }

  tellLost(lost: LostWatch): void {
    this.#tell(lost.watcher, { type: "lost", path: lost.path });
  }

  /** Ends the watches of `path`, and tells so. */
  lost(kind: WatchKind, path: string): void {
    for (const watcher of this.#take(kind, path)) this.#tell(watcher, { type: "lost", path });
  }

  clear(): void {
    for (const watched of Object.values(this.#byKind)) watched.clear();
  }

  #take(kind: WatchKind, path: string): Watcher[] {
    const watchers = [...(this.#byKind[kind].get(path) ?? [])];
    for (const watcher of watchers) this.#drop(kind, path, watcher);
    return watchers;
  }

  #drop(kind: WatchKind, path: string, watcher: Watcher): void {
    watcher.held.delete(`${kind} ${path}`);
    const watchers = this.#byKind[kind].get(path);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byKind[kind].delete(path);
  }

  #gatherAbove(path: string, into: Set<Watcher>): void {
    const recursive = this.#byKind.recursive;
    if (recursive.size === 0) return;
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/")) || "/") {
      for (const watcher of recursive.get(at) ?? []) into.add(watcher);
      if (at === "/") return;
    }
  }

  #tell(watcher: Watcher, event: WatchEvent): void {
    try {
      watcher.tell(event);
    } catch (error) {
      this.#log.error("bug", { where: "zookeeper.watcher", path: event.path, message: String(error) });
    }
  }
}
