/**
 * Memory for bytes on their way into a socket. Bytes that are read are borrowed, so each chunk is copied; most copies
 * are with the system when `write` returns, and their memory can take the next.
 */
import type { Socket } from "node:net";

const PIECE_BYTES = 64 * 1024;
/** Smaller chunks are cheaper to allocate than to keep 64 KiB for. */
const SMALL_BYTES = 4 * 1024;
/** Kept for later; more may be in use. */
const KEPT = 32;

interface Piece {
  readonly bytes: Buffer;
  /** Gives it back; the callback of a write. */
  readonly release: () => void;
}

class WriteMemory {
  readonly #free: Piece[] = [];

  take(): Piece {
    return this.#free.pop() ?? this.#make();
  }

  #make(): Piece {
    const piece: Piece = {
      bytes: Buffer.allocUnsafeSlow(PIECE_BYTES),
      release: () => {
        if (this.#free.length < KEPT) this.#free.push(piece);
      },
    };
    return piece;
  }
}

/** Of this thread. */
const memory = new WriteMemory();

/** Writes a copy of `bytes`; `false` means: stop until the socket has drained. */
export function writeCopy(socket: Socket, bytes: Uint8Array): boolean {
  if (bytes.length <= SMALL_BYTES || bytes.length > PIECE_BYTES) return socket.write(Buffer.from(bytes));
  const piece = memory.take();
  piece.bytes.set(bytes);
  return socket.write(piece.bytes.subarray(0, bytes.length), piece.release);
}
