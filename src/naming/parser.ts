/** Reads name trees, dentries and dtabs. */
import type { Dentry } from "./dentry.ts";
import { alt, empty, fail, leaf, type Branch, type NameTree, neg, union } from "./name-tree.ts";
import { Path } from "./path.ts";
import { Prefix } from "./prefix.ts";
import { Scanner } from "./scanner.ts";

export type { Dentry } from "./dentry.ts";
export { ParseError } from "./scanner.ts";

/** More parentheses than this within each other are refused, so that no input can exhaust the stack. */
export const MAX_NESTING = 100;

/** So many leaves of one text are kept to be found again. */
const MOST_SHARED = 200;

/** Throws a ParseError. */
export function readTree(text: string): NameTree<Path> {
  const parser = new Parser(text);
  const tree = parser.tree();
  parser.end();
  return tree;
}

/** Throws a ParseError. */
export function readDentry(text: string): Dentry {
  const parser = new Parser(text);
  const dentry = parser.dentry();
  parser.end();
  return dentry;
}

/** The dentries of a dtab: `;` between them, and one after the last if one likes. Throws a ParseError. */
export function readDentries(text: string): Dentry[] {
  return [...dentriesOf(text)];
}

/** The same, one by one: who reads on may do other things between. */
export function* dentriesOf(text: string): Generator<Dentry, void> {
  const parser = new Parser(text);
  while (!parser.atEnd()) {
    yield parser.dentry();
    if (!parser.semicolon()) break;
  }
  parser.end();
}

class Parser {
  readonly #scanner: Scanner;
  #nesting = 0;
  /** By what is written: many lines of a dtab may lead to a few places. */
  readonly #leaves = new Map<string, NameTree<Path>>();
  /** Where the last tree that was read ends, without the white space behind it. */
  #treeEnd = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  /** True when only white space and comments are left. */
  atEnd(): boolean {
    this.#scanner.space();
    return this.#scanner.atEnd;
  }

  end(): void {
    this.#scanner.space();
    this.#scanner.expectEnd();
  }

  semicolon(): boolean {
    this.#scanner.space();
    return this.#scanner.eat(";");
  }

  dentry(): Dentry {
    const scanner = this.#scanner;
    scanner.space();
    const start = scanner.offset;
    // A list that has grown has room for more than it holds.
    const prefix = new Prefix(scanner.elements(true).slice());
    scanner.space();
    scanner.expect("=");
    scanner.expect(">");
    const dst = this.tree();
    return Object.freeze({ prefix, dst, at: Object.freeze({ start, end: this.#treeEnd }) });
  }

  tree(): NameTree<Path> {
    const first = this.#union();
    if (!this.#more("|")) return first;
    const trees = [first];
    do trees.push(this.#union());
    while (this.#more("|"));
    return alt(trees);
  }

  /** Whether `separator` comes next; white space before anything else is left for the next reader. */
  #more(separator: string): boolean {
    this.#scanner.space();
    return this.#scanner.eat(separator);
  }

  #union(): NameTree<Path> {
    const first = this.#weighted();
    if (!this.#more("&")) return first.tree;
    const branches = [first];
    do branches.push(this.#weighted());
    while (this.#more("&"));
    return union(branches);
  }

  #weighted(): Branch<Path> {
    const scanner = this.#scanner;
    scanner.space();
    if (!scanner.atNumber) return { weight: 1, tree: this.#simple() };
    const weight = scanner.number();
    scanner.space();
    scanner.expect("*");
    scanner.space();
    return { weight, tree: this.#simple() };
  }

  #simple(): NameTree<Path> {
    const tree = this.#atom();
    this.#treeEnd = this.#scanner.offset;
    return tree;
  }

  #atom(): NameTree<Path> {
    const scanner = this.#scanner;
    if (scanner.eat("~")) return neg;
    if (scanner.eat("$")) return empty;
    if (scanner.eat("!")) return fail;
    if (scanner.peek() === "/") return this.#leaf();
    if (scanner.peek() !== "(") scanner.fail("simple");
    if (this.#nesting >= MAX_NESTING) scanner.fail(`no more than ${MAX_NESTING} nested parentheses`);
    this.#nesting++;
    scanner.expect("(");
    const tree = this.tree();
    scanner.space();
    scanner.expect(")");
    this.#nesting--;
    return tree;
  }

  #leaf(): NameTree<Path> {
    const from = this.#scanner.offset;
    const elems = this.#scanner.elements(false);
    const written = this.#scanner.input.slice(from, this.#scanner.offset);
    const known = this.#leaves.get(written);
    if (known !== undefined) return known;
    const made = leaf(Path.from(elems));
    if (this.#leaves.size < MOST_SHARED) this.#leaves.set(written, made);
    return made;
  }
}
