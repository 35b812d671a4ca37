/** Reads a node on a connection that is newer than the question, after the server has caught up with its leader. */
import type { ZkClient } from "./client.ts";
import type { InFlight } from "./in-flight.ts";
import type { NodeChildren, NodeKind } from "./node-kind.ts";
import { join } from "./paths.ts";
import { isZkError } from "./zk-error.ts";

/** Questions that are asked while one is being answered share its connection, which is newer than the loss they ask about. */
export class FreshReader implements AsyncDisposable {
  readonly #open: () => ZkClient;
  readonly #reads: InFlight;
  #client: ZkClient | undefined;
  #users = 0;
  #closing: Promise<void> = Promise.resolve();

  /** `open` makes a client that is not started yet. */
  constructor(open: () => ZkClient, reads: InFlight) {
    this.#open = open;
    this.#reads = reads;
  }

  /** The children that are wanted; `undefined` when there is no such node. Rejects where the server cannot be asked. */
  async read<T>(path: string, kind: NodeKind<T>): Promise<NodeChildren<T> | undefined> {
    const client = this.#join();
    try {
      await this.#reads.run(() => client.sync(path));
      const { children } = await this.#reads.run(() => client.getChildren(path));
      const wanted = children.filter((name) => kind.wants?.(name) ?? true);
      const found = await Promise.all(wanted.map((name) => this.#child(client, path, name, kind)));
      return new Map(found.filter((each) => each !== undefined));
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return undefined;
      throw error;
    } finally {
      this.#leave();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#closing;
  }

  async #child<T>(
    client: ZkClient,
    path: string,
    name: string,
    kind: NodeKind<T>,
  ): Promise<readonly [string, T] | undefined> {
    try {
      const { data } = await this.#reads.run(() => client.getData(join(path, name)));
      return [name, kind.read(data, name, path)];
    } catch (error) {
      if (isZkError(error, "NO_NODE")) return undefined;
      throw error;
    }
  }

  #join(): ZkClient {
    this.#users++;
    if (!this.#client) {
      this.#client = this.#open();
      this.#client.start();
    }
    return this.#client;
  }

  #leave(): void {
    if (--this.#users === 0) this.#end();
  }

  #end(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client) this.#closing = Promise.all([this.#closing, client.close()]).then(() => undefined);
  }
}
