/** The one memory that the sockets of a thread are read into: one after the other, each read used up before the next. */
import { Views } from "../base/views.ts";

const READ_BYTES = 64 * 1024;

let views: Views | undefined;

/** Scratch memory of this thread, as views of what was read into it. */
export function sharedReadViews(): Views {
  views ??= new Views(Buffer.allocUnsafeSlow(READ_BYTES));
  return views;
}
