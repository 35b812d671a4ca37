/** The mirrors of nodes: one a node, however many listen to it, for as long as somebody does. */
import type { NodeKind } from "./node-kind.ts";
import { type MirrorListener, NodeMirror } from "./node-mirror.ts";
import type { ZkSource } from "./zk-source.ts";

export class NodeMirrors<T> implements Disposable {
  readonly kind: NodeKind<T>;
  readonly #source: ZkSource;
  readonly #open = new Map<string, NodeMirror<T>>();

  constructor(kind: NodeKind<T>, source: ZkSource) {
    this.kind = kind;
    this.#source = source;
  }

  /** Tells what is known of the node, and from now on everything, until the listener leaves. */
  join(path: string, listener: MirrorListener<T>): void {
    let mirror = this.#open.get(path);
    if (!mirror) {
      mirror = new NodeMirror({ path, kind: this.kind, world: this.#source.world });
      this.#open.set(path, mirror);
    }
    mirror.join(listener);
  }

  leave(path: string, listener: MirrorListener<T>): void {
    const mirror = this.#open.get(path);
    mirror?.leave(listener);
    if (!mirror || mirror.isFollowed) return;
    this.#open.delete(path);
    mirror[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const mirror of this.#open.values()) mirror[Symbol.dispose]();
    this.#open.clear();
  }
}
