/** Gathers what leaves in one turn, so that a head, a small body and the last chunk go out in one write. */
import { Views } from "../base/views.ts";

/** Whose bytes they are. */
export interface OutOwner {
  /** Writes to the socket. True: the bytes have left, and their memory may be used again at once. */
  emit(bytes: Uint8Array): boolean;
  /** Whether its last bytes had not left, nor will the next ones at once: as with TLS. The buffer sets it. */
  isLate: boolean;
}

/** Holds a whole read of 64 KiB with its head and chunk framing. */
const SIZE = 80 * 1024;

/** One a thread: it is filled and emptied within a turn, by one owner after the other. */
export class OutBuffer {
  #views = new Views(Buffer.allocUnsafeSlow(SIZE));
  #length = 0;
  #owner: OutOwner | undefined = undefined;

  /** `text` is latin1. */
  text(owner: OutOwner, text: string): void {
    if (!this.#room(owner, text.length)) owner.emit(Buffer.from(text, "latin1"));
    else this.#length += this.#views.memory.write(text, this.#length, "latin1");
  }

  bytes(owner: OutOwner, bytes: Uint8Array): void {
    if (!this.#room(owner, bytes.length)) {
      owner.emit(Buffer.from(bytes));
      return;
    }
    this.#views.memory.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  flush(owner: OutOwner): void {
    if (this.#owner === owner) this.#flush();
  }

  /** What was gathered for `owner` will not leave. */
  discard(owner: OutOwner): void {
    if (this.#owner !== owner) return;
    this.#length = 0;
    this.#owner = undefined;
  }

  /** Makes room, sending what stands in the way. False: it can never fit. */
  #room(owner: OutOwner, length: number): boolean {
    if (this.#owner !== owner || this.#length + length > SIZE) this.#flush();
    if (length > SIZE) return false;
    this.#owner = owner;
    return true;
  }

  #flush(): void {
    const owner = this.#owner;
    const length = this.#length;
    this.#owner = undefined;
    this.#length = 0;
    if (owner === undefined || length === 0) return;
    const out = this.#views.of(length);
    const copies = owner.isLate;
    owner.isLate = !owner.emit(copies ? Buffer.from(out) : out);
    if (owner.isLate && !copies) this.#views = new Views(Buffer.allocUnsafeSlow(SIZE));
  }
}

/** Scratch memory of this thread; nothing stays in it beyond a turn. */
export const outBuffer = new OutBuffer();
