/** The listening sockets of one server: one, or those that it inherited from a process that had more workers. */
import type { ListenPlace } from "./listen-place.ts";
import { Listener, type ListenerOptions } from "./listener.ts";

export class ListenerGroup implements AsyncDisposable {
  readonly #listeners: readonly Listener[];

  private constructor(listeners: readonly Listener[]) {
    this.#listeners = listeners;
  }

  /** All of `places` or none: rejects with a ListenError. They differ in their descriptors only. */
  static async listen(
    places: readonly ListenPlace[],
    options: Pick<ListenerOptions, "accept" | "maxConnections">,
  ): Promise<ListenerGroup> {
    const listeners: Listener[] = [];
    try {
      for (const place of places) listeners.push(await Listener.listen({ ...place, ...options }));
    } catch (error) {
      await Promise.all(listeners.map((listener) => listener.close()));
      throw error;
    }
    return new ListenerGroup(listeners);
  }

  /** As a Listener's. */
  use(options: Pick<ListenerOptions, "accept" | "maxConnections">): void {
    for (const listener of this.#listeners) listener.use(options);
  }

  get port(): number {
    return this.#listeners[0]?.port ?? 0;
  }

  get connections(): number {
    return this.#listeners.reduce((sum, listener) => sum + listener.connections, 0);
  }

  /** Of those sockets that can be passed on to another process. */
  get fds(): readonly number[] {
    return this.#listeners.flatMap((listener) => listener.fd ?? []);
  }

  /** As a Listener's. */
  async close(deadline?: AbortSignal): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close(deadline)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
