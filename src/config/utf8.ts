/** Takes the bytes of a file for text, if they are UTF-8. */
import { isUtf8 } from "node:buffer";

const NEWLINE = 0x0a;

/** What is said of bytes that are no UTF-8. */
export class NotUtf8 extends Error {
  override readonly name = "NotUtf8";
}

/** Throws NotUtf8, with the line. */
export function readUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfe_ff || mark === 0xff_fe) throw new NotUtf8("it is written in UTF-16; write it in UTF-8");
  let start = 0;
  for (let line = 1; ; line++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(start, end))) throw new NotUtf8(`line ${line} is not UTF-8; write it in UTF-8`);
    start = end + 1;
  }
}
