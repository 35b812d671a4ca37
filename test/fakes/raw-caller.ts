/** A caller that sends given bytes, and keeps every byte that it gets. */
import net from "node:net";
import { Changes } from "./changes.ts";

export class RawCaller implements Disposable {
  /** All bytes that came, as latin1. */
  got = "";
  /** How the connection stands: "reset" where it was broken off. */
  state: "open" | "ended" | "reset" = "open";
  readonly #socket: net.Socket;
  readonly #changes = new Changes();

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.got += bytes.toString("latin1");
      this.#changes.tell();
    });
    socket.on("end", () => {
      if (this.state === "open") this.state = "ended";
      this.#changes.tell();
    });
    socket.on("error", () => {
      this.state = "reset";
      this.#changes.tell();
    });
    socket.on("close", () => this.#changes.tell());
  }

  static async connect(port: number): Promise<RawCaller> {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const caller = new RawCaller(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return caller;
  }

  get socket(): net.Socket {
    return this.#socket;
  }

  send(bytes: string | Uint8Array): void {
    if (typeof bytes === "string") this.#socket.write(bytes, "latin1");
    else this.#socket.write(bytes);
  }

  /** Resolves when `holds` does, or rejects at the deadline with what came until then. */
  async until(holds: (caller: RawCaller) => boolean, timeoutMs = 5000): Promise<void> {
    const deadline = Date.now() + timeoutMs * Number(process.env["LINKSPAN_SLOW"] ?? 1);
    while (!holds(this)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`not within ${timeoutMs} ms; ${this.state}, got ${JSON.stringify(this.got)}`);
      await this.#changes.next(Math.min(left, 10));
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
