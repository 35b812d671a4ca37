/** An endpoint that does with each connection what a test says. */
import { once } from "node:events";
import net from "node:net";

export class TcpBackend implements AsyncDisposable {
  readonly sockets = new Set<net.Socket>();
  /** Connections so far. */
  accepted = 0;
  readonly #server: net.Server;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  static async start(serve: (socket: net.Socket) => void): Promise<TcpBackend> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true });
    const backend = new TcpBackend(server);
    server.on("connection", (socket) => {
      backend.accepted++;
      backend.sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => backend.sockets.delete(socket));
      serve(socket);
      // Unless the test does otherwise, it takes what comes, and ends when its caller does.
      if (socket.listenerCount("data") === 0) socket.resume();
      socket.on("end", () => socket.end());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return backend;
  }

  /** Says `what` to everybody, and ends. */
  static saying(what: string): Promise<TcpBackend> {
    return TcpBackend.start((socket) => {
      socket.end(what);
    });
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo | null)?.port ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }
}
