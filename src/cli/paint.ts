/** Colours, where the terminal takes them. */
import { plainPaint, type Paint } from "../config/problem-text.ts";
import type { CliIo } from "./roots.ts";

const code =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;

const colours: Paint = { error: code(31, 39), warning: code(33, 39), strong: code(1, 22), faint: code(2, 22) };

export function paintFor(io: CliIo): Paint {
  return io.colour ? colours : plainPaint;
}
