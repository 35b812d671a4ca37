/** A backend that answers each request with given bytes, and remembers every byte that it got. */
import net from "node:net";

/** Told how a connection's bytes stand; returns what to write, or undefined for not yet. */
export type Answer = (seen: string, socket: net.Socket, turn: number) => string | undefined;

/** Whether `bytes` end a whole request: a head, and as much body as its own framing says. */
export function wholeRequests(bytes: string): number {
  let count = 0;
  let at = 0;
  for (;;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) return count;
    const head = bytes.slice(at, end).toLowerCase();
    const length = /\r\ncontent-length: (\d+)/.exec(head);
    at = end + 4;
    if (head.includes("\r\ntransfer-encoding: chunked")) {
      at = chunksEnd(bytes, at);
      if (at < 0) return count;
    } else if (length) at += Number(length[1]);
    if (at > bytes.length) return count;
    count++;
  }
}

/** Where the chunked body that begins at `from` ends, or -1. */
function chunksEnd(bytes: string, from: number): number {
  for (let at = from; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return -1;
    const size = Number.parseInt(bytes.slice(at, line), 16);
    if (size === 0) {
      const end = bytes.indexOf("\r\n\r\n", line);
      return end < 0 ? -1 : end + 4;
    }
    at = line + size + 4;
  }
}

export class RawBackend implements AsyncDisposable {
  /** All bytes of each connection, as latin1, in the order in which the connections came. */
  readonly seen: string[] = [];
  /** How many connections were closed or broken by the other side. */
  gone = 0;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(server: net.Server) {
    this.#server = server;
  }

  /** `answer` is asked once for each whole request. */
  static async start(answer: Answer): Promise<RawBackend> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true });
    const backend = new RawBackend(server);
    server.on("connection", (socket) => backend.#serve(socket, answer));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    return backend;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  get connections(): ReadonlySet<net.Socket> {
    return this.#sockets;
  }

  #serve(socket: net.Socket, answer: Answer): void {
    const at = this.seen.push("") - 1;
    let answered = 0;
    this.#sockets.add(socket);
    socket.on("data", (bytes: Buffer) => {
      this.seen[at] += bytes.toString("latin1");
      const whole = wholeRequests(this.seen[at] as string);
      while (answered < whole && !socket.destroyed) {
        const out = answer(this.seen[at] as string, socket, answered++);
        if (out !== undefined) socket.write(out, "latin1");
      }
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.gone++;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
