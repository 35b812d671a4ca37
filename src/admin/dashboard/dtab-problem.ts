/** What is wrong with a dtab while it is typed, by the reader that the router has. */
import { Dtab } from "../../naming/dtab.ts";
import { ParseError } from "../../naming/parser.ts";

export interface DtabProblem {
  readonly message: string;
  /** In the text; lines and columns count from 1. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export function problemIn(text: string): DtabProblem | undefined {
  try {
    Dtab.read(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { offset, expected } = error;
    const found = text.charAt(offset) === "" ? "the end" : `'${text.charAt(offset)}'`;
    const before = text.slice(0, offset).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { message: `${expected} expected but ${found} found`, offset, line: before.length, column };
  }
}
