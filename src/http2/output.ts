/** Gathers what one connection sends in a turn, so that it leaves in one write. */
import type { Socket } from "node:net";
import { outputTurn, type TurnEnd } from "../base/output-turn.ts";
import { slabs } from "./slabs.ts";

/** Of this length and less, what the system does not take at once is copied, and its slab used again. */
const SMALL = 8 * 1024;

const NOTHING = Buffer.alloc(0);

export class Output implements TurnEnd {
  /** Where to write, from `at` on, after `room`. */
  bytes: Buffer = NOTHING;
  at = 0;
  /** Grows with each write to the socket: positions in `bytes` that are older mean nothing. */
  writes = 0;
  /** The other side does not take what was written. */
  isBlocked = false;
  /** The last write was not taken by the system at once, nor will the next be: as with TLS. */
  #isLate = false;
  #isAdded = false;
  #isClosed = false;
  readonly #socket: Socket;
  readonly #turnEnded: () => void;

  /** `turnEnded` is called before what was gathered leaves. */
  constructor(socket: Socket, turnEnded: () => void) {
    this.#socket = socket;
    this.#turnEnded = turnEnded;
  }

  /** Bytes that have not left yet. */
  get waiting(): number {
    return this.at + this.#socket.writableLength;
  }

  /** Makes room for `length` bytes, which fit into a slab, and has them leave at the end of the turn. */
  room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    if (this.at > 0) this.flush();
    this.bytes = slabs.take();
    this.wake();
  }

  /** Has the turn's end come. */
  wake(): void {
    if (this.#isAdded) return;
    this.#isAdded = true;
    outputTurn.add(this);
  }

  endTurn(): void {
    this.#isAdded = false;
    if (!this.#isClosed) this.#turnEnded();
    this.flush();
  }

  flush(): void {
    const { bytes, at } = this;
    if (bytes.length === 0) return;
    this.bytes = NOTHING;
    this.at = 0;
    this.writes++;
    if (at === 0 || this.#isClosed) return slabs.give(bytes);
    const copies = this.#isLate && at <= SMALL;
    const out = bytes.subarray(0, at);
    if (!this.#socket.write(copies ? Buffer.from(out) : out)) this.isBlocked = true;
    this.#isLate = this.#socket.writableLength > 0;
    if (copies || !this.#isLate) slabs.give(bytes);
  }

  /** The socket is gone: what was gathered will not leave. */
  close(): void {
    this.#isClosed = true;
    this.flush();
  }
}
