/** One side of a connection as the sink of the other side's bytes. */
import type { Socket } from "node:net";
import type { Counter } from "../base/metrics.ts";
import type { BodySink } from "../http/body.ts";
import { writeCopy } from "./write-memory.ts";

export class SocketSink implements BodySink {
  /** Nothing more will be written. */
  hasEnded = false;
  readonly #socket: Socket;
  readonly #bytes: Counter;

  /** `bytes` counts what is written. */
  constructor(socket: Socket, bytes: Counter) {
    this.#socket = socket;
    this.#bytes = bytes;
  }

  chunk(bytes: Uint8Array): boolean {
    this.#bytes.value += bytes.length;
    return writeCopy(this.#socket, bytes);
  }

  end(): void {
    this.hasEnded = true;
    this.#socket.end();
  }

  fail(): void {
    this.hasEnded = true;
    if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
  }

  flush(): void {
    // Every chunk is written at once.
  }
}
