/** Heads that were read from text, for tests of what comes after. */
import { HeadBlock } from "../../src/http1/head-block.ts";
import { readFields } from "../../src/http1/field-section.ts";

/** A block of the given lines, each without its CRLF. Throws where they are not fields. */
export function headBlock(...lines: readonly string[]): HeadBlock {
  const text = lines.map((line) => `${line}\r\n`).join("");
  const block = new HeadBlock();
  block.reset(text, 0);
  const flaw = readFields(Buffer.from(`${text}\r\n`, "latin1"), 0, 0, text.length, block, 1000);
  if (flaw) throw new Error(flaw);
  return block;
}
