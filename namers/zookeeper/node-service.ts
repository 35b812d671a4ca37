/** How a service whose members are the children of a node is followed and confirmed. */
import type { ServiceListener, ServiceReading, ServiceSource } from "linkspan/plugin";
import type { FreshReader } from "./fresh-reader.ts";
import type { MemberReader } from "./member-reader.ts";
import type { NodeChildren } from "./node-kind.ts";
import type { MirrorListener } from "./node-mirror.ts";
import type { NodeMirrors } from "./node-mirrors.ts";

/** Where the members of a name are, and who reads them. Names of one node want the same children of it. */
export interface MemberPlace<T> {
  readonly path: string;
  readonly reader: MemberReader<T>;
}

/** One a name, of which there are many. */
export class NodeService<T> implements ServiceSource {
  readonly #place: MemberPlace<T>;
  readonly #mirrors: NodeMirrors<T>;
  readonly #fresh: FreshReader;

  constructor(place: MemberPlace<T>, mirrors: NodeMirrors<T>, fresh: FreshReader) {
    this.#place = place;
    this.#mirrors = mirrors;
    this.#fresh = fresh;
  }

  follow(listener: ServiceListener): Disposable {
    return new FollowedNode(this.#place, this.#mirrors, listener);
  }

  async confirm(): Promise<ServiceReading> {
    const { path, reader } = this.#place;
    return reader.read(await this.#fresh.read(path, this.#mirrors.kind));
  }
}

class FollowedNode<T> implements MirrorListener<T>, Disposable {
  readonly #place: MemberPlace<T>;
  readonly #mirrors: NodeMirrors<T>;
  readonly #listener: ServiceListener;

  constructor(place: MemberPlace<T>, mirrors: NodeMirrors<T>, listener: ServiceListener) {
    this.#place = place;
    this.#mirrors = mirrors;
    this.#listener = listener;
    mirrors.join(place.path, this);
  }

  heard(children: NodeChildren<T> | undefined): void {
    let reading: ServiceReading;
    try {
      reading = this.#place.reader.read(children);
    } catch (error) {
      this.#listener.failed(error as Error);
      return;
    }
    this.#listener.heard(reading);
  }

  failed(cause: Error): void {
    this.#listener.failed(cause);
  }

  [Symbol.dispose](): void {
    this.#mirrors.leave(this.#place.path, this);
  }
}
