/** Reads names character by character and says, with a caret, where a text stops being one. */

/** A text that is not what it should be. The message marks the place: `'/foo[^]bar'`. */
export class ParseError extends Error {
  override readonly name = "ParseError";
  readonly input: string;
  /** Index of the offending character in `input`; its length at the end of input. */
  readonly offset: number;
  /** What would have been right there: a quoted character, or a word such as `label char`. */
  readonly expected: string;

  constructor(input: string, offset: number, expected: string) {
    const char = input.charAt(offset);
    const found = char === "" ? "end of input" : `'${char}'`;
    super(`${expected} expected but ${found} found at '${excerpt(input, offset)}'`);
    this.input = input;
    this.offset = offset;
    this.expected = expected;
  }
}

/** How much of a long input an error message repeats on either side of the caret. */
const AROUND = 200;

function excerpt(input: string, offset: number): string {
  const from = Math.max(0, offset - AROUND);
  const to = Math.min(input.length, offset + 1 + AROUND);
  const before = (from > 0 ? "..." : "") + input.slice(from, offset);
  return `${before}[${input.charAt(offset)}]${input.slice(offset + 1, to)}${to < input.length ? "..." : ""}`;
}

/** True for the bytes that stand for themselves in a label. */
export function isShowable(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x3a) || // digits and the colon
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    (code >= 0x23 && code <= 0x25) || // # $ %
    code === 0x2d ||
    code === 0x2e
  );
}

const isSpace = (code: number): boolean =>
  code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

/** A place in a text, and the smallest pieces of the grammar. Every method that fails throws a ParseError. */
export class Scanner {
  readonly input: string;
  #at = 0;

  constructor(input: string) {
    this.input = input;
  }

  get offset(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.input.length;
  }

  /** Throws a ParseError at the current place, or at `offset`. */
  fail(expected: string, offset = this.#at): never {
    throw new ParseError(this.input, offset, expected);
  }

  /** The next character, "" at the end. */
  peek(): string {
    return this.input.charAt(this.#at);
  }

  eat(char: string): boolean {
    if (this.input.charAt(this.#at) !== char || char === "") return false;
    this.#at++;
    return true;
  }

  expect(char: string): void {
    if (!this.eat(char)) this.fail(`'${char}'`);
  }

  expectEnd(): void {
    if (!this.atEnd) this.fail("end of input");
  }

  /** Skips white space and comments; `#` opens one only here, elsewhere it is a label character. */
  space(): void {
    for (;;) {
      const code = this.input.charCodeAt(this.#at);
      if (code === 0x23) this.#comment();
      else if (isSpace(code)) this.#at++;
      else return;
    }
  }

  #comment(): void {
    const newline = this.input.indexOf("\n", this.#at);
    this.#at = newline < 0 ? this.input.length : newline + 1;
  }

  get atLabel(): boolean {
    const code = this.input.charCodeAt(this.#at);
    return isShowable(code) || code === BACKSLASH;
  }

  /** One path element, its escapes resolved: a string of bytes, one a character. */
  label(): string {
    if (!this.atLabel) this.fail("label char");
    let label = "";
    let from = this.#at;
    while (this.atLabel) {
      if (this.input.charCodeAt(this.#at) !== BACKSLASH) {
        this.#at++;
        continue;
      }
      label += this.input.slice(from, this.#at) + this.#escape();
      from = this.#at;
    }
    return label + this.input.slice(from, this.#at);
  }

  #escape(): string {
    this.#at++;
    this.expect("x");
    return String.fromCharCode(this.#hex() * 16 + this.#hex());
  }

  #hex(): number {
    const digit = "0123456789abcdef".indexOf(this.peek().toLowerCase() || "-");
    if (digit < 0) this.fail("hex char");
    this.#at++;
    return digit;
  }

  /** `/`, or `/a/b`; with `wildcards` an element may be `*`, which comes out as `null`. */
  elements(wildcards: true): (string | null)[];
  elements(wildcards: false): string[];
  elements(wildcards: boolean): (string | null)[] {
    this.expect("/");
    const elems: (string | null)[] = [];
    if (!this.atLabel && !(wildcards && this.peek() === "*")) return elems;
    do {
      elems.push(wildcards && this.eat("*") ? null : this.label());
    } while (this.eat("/"));
    return elems;
  }

  get atNumber(): boolean {
    const code = this.input.charCodeAt(this.#at);
    return isDigit(code) || code === DOT;
  }

  /** A weight: digits with at most one dot, no sign, no exponent. */
  number(): number {
    const from = this.#at;
    let dots = 0;
    while (this.atNumber) {
      if (this.peek() === "." && ++dots > 1) this.fail("'*'");
      this.#at++;
    }
    if (this.#at - from === dots) this.fail("number char");
    const value = Number(this.input.slice(from, this.#at));
    if (!Number.isFinite(value)) this.fail("weight", from);
    return value;
  }
}
