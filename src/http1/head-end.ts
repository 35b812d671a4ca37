/** Finds where a head ends: by looking at every fourth byte, which for heads is sooner done than a call out of compiled code. */
import { CR, LF } from "../http/grammar.ts";

/** Where in `bytes`, at or after `from`, the first CRLFCRLF stands; -1 where there is none. */
export function headEnd(bytes: Uint8Array, from: number): number {
  // Of four bytes in a row that end with another byte than these two, none begins an end.
  for (let at = from + 3; at < bytes.length;) {
    const byte = bytes[at] as number;
    if (byte === LF) {
      if (bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at - 3;
      at += 2;
    } else at += byte === CR ? 1 : 4;
  }
  return -1;
}
