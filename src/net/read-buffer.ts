/** The one memory that the sockets of a thread are read into: one after the other, each read used up before the next. */

const READ_BYTES = 64 * 1024;

let readBuffer: Buffer | undefined;

/** Scratch memory of this thread. */
export function sharedReadBuffer(): Buffer {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  return readBuffer;
}
