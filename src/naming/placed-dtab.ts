/** Reads a dtab that lies in a file or a key, so that each rule and each mistake has its place. */
import { Dtab } from "./dtab.ts";
import type { Dentry } from "./dentry.ts";
import { ParseError } from "./parser.ts";

/** A dtab whose dentries say where they stand: `routes.dtab:7`. Throws an Error that says where and what the mistake is. */
export function readPlacedDtab(text: string, source: string): Dtab {
  let read: Dtab;
  try {
    read = Dtab.read(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { line, column } = new Lines(text).upTo(error.offset);
    throw new Error(`${source}:${line}:${column}: ${oneLine(error.message)}`, { cause: error });
  }
  const lines = new Lines(text);
  return new Dtab(read.dentries.map((dentry) => placed(dentry, source, lines)));
}

function placed(dentry: Dentry, source: string, lines: Lines): Dentry {
  return Object.freeze({ ...dentry, place: `${source}:${lines.upTo(dentry.at?.start ?? 0).line}` });
}

const oneLine = (message: string): string => message.replace(/\s*[\r\n]+\s*/g, " ");

/** Counts lines and columns from 1, once through a text. */
class Lines {
  readonly #text: string;
  #line = 1;
  #begin = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offsets must not fall from call to call. */
  upTo(offset: number): { readonly line: number; readonly column: number } {
    for (let end = this.#text.indexOf("\n", this.#begin); end >= 0 && end < offset;) {
      this.#line++;
      this.#begin = end + 1;
      end = this.#text.indexOf("\n", this.#begin);
    }
    return { line: this.#line, column: offset - this.#begin + 1 };
  }
}
