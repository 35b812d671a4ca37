/** One interested party in nodes: what it watches, and whom its events are told. */

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

/** Who hears of what is watched. */
export interface WatchTarget {
  noticed(event: WatchEvent): void;
}

/** Where a watcher is at home: it shows paths as they are inside the chroot, and is told of the watcher's end. */
export interface WatcherHome {
  inside(path: string): string;
  forget(watcher: Watcher): void;
}

/** One interested party. It may watch many nodes; its disposal ends all of that. */
export class Watcher implements Disposable {
  readonly #target: WatchTarget;
  readonly #home: WatcherHome;
  /** Most watch one node. */
  #paths: string | Set<string> | undefined;
  #live = true;

  constructor(target: WatchTarget, home: WatcherHome) {
    this.#target = target;
    this.#home = home;
  }

  get live(): boolean {
    return this.#live;
  }

  /** What it watches, as the registry keeps it. */
  get paths(): readonly string[] {
    if (this.#paths === undefined) return [];
    return typeof this.#paths === "string" ? [this.#paths] : [...this.#paths];
  }

  tell(type: WatchEvent["type"], path: string): void {
    if (this.#live) this.#target.noticed({ type, path: this.#home.inside(path) });
  }

  /** Of the registry. */
  begins(path: string): void {
    if (this.#paths === undefined || this.#paths === path) this.#paths = path;
    else if (typeof this.#paths === "string") this.#paths = new Set([this.#paths, path]);
    else this.#paths.add(path);
  }

  /** Of the registry. */
  ends(path: string): void {
    if (typeof this.#paths === "object") this.#paths.delete(path);
    else if (this.#paths === path) this.#paths = undefined;
  }

  [Symbol.dispose](): void {
    if (!this.#live) return;
    this.#live = false;
    this.#home.forget(this);
  }
}
