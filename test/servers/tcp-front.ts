/** What stands before several servers of one kind: each connection goes to the next of them that takes it, and stays there. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Disposing ends every connection through it. */
export class TcpFront implements AsyncDisposable {
  readonly #targets: readonly number[];
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #turn = 0;

  private constructor(targets: readonly number[]) {
    this.#targets = targets;
    this.#server = createServer((near) => void this.#join(near));
  }

  /** `targets` are ports on 127.0.0.1. */
  static async before(targets: readonly number[]): Promise<TcpFront> {
    const front = new TcpFront(targets);
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  async #join(near: Socket): Promise<void> {
    this.#own(near);
    const far = await this.#reached();
    if (!far || near.destroyed) {
      near.destroy();
      far?.destroy();
      return;
    }
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  }

  /** A connection to the first that takes one, beginning with whose turn it is. */
  async #reached(): Promise<Socket | undefined> {
    const first = this.#turn++;
    for (let at = 0; at < this.#targets.length; at++) {
      const far = connect({ host: "127.0.0.1", port: this.#targets[(first + at) % this.#targets.length] ?? 0 });
      this.#own(far);
      const isReached = await new Promise<boolean>((resolve) => {
        far.once("connect", () => resolve(true));
        far.once("close", () => resolve(false));
      });
      if (isReached) return far;
    }
    return undefined;
  }

  #own(socket: Socket): void {
    this.#open.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#open.delete(socket));
  }
}
