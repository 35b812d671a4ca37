/** A path: what names are made of. */
import { isShowable, Scanner } from "./scanner.ts";

/**
 * An immutable list of non-empty elements. An element is a string of bytes, one a character (U+0000 to U+00FF);
 * given one with characters above that, its UTF-8 bytes are taken.
 */
export class Path {
  readonly elems: readonly string[];
  #show: string | undefined;

  private constructor(elems: readonly string[], show?: string) {
    this.elems = elems;
    this.#show = show;
  }

  static readonly empty: Path = new Path([], "/");

  /** Throws a ParseError. White space and comments around the path are ignored. */
  static read(text: string): Path {
    const scanner = new Scanner(text);
    scanner.space();
    const elems = scanner.elements(false);
    scanner.space();
    scanner.expectEnd();
    // A list that has grown has room for more than it holds.
    return elems.length === 0 ? Path.empty : new Path(elems.slice());
  }

  /** Throws a RangeError when an element is empty. */
  static of(...elems: readonly string[]): Path {
    return Path.from(elems);
  }

  /** As `of`, of a list. */
  static from(elems: readonly string[]): Path {
    if (elems.length === 0) return Path.empty;
    for (const elem of elems) if (elem === "") throw new RangeError("a path element cannot be empty");
    return new Path(elems.map(toBytes));
  }

  get size(): number {
    return this.elems.length;
  }

  /**
   * The text that reads back as this path; made once, and the same for equal paths, so it serves as a key. An element
   * with any byte that cannot stand for itself is escaped as a whole.
   */
  get show(): string {
    // Joined, and not added up: what is added up keeps its parts beside the whole.
    this.#show ??= ["", ...this.elems.map(showElement)].join("/");
    return this.#show;
  }

  startsWith(prefix: Path): boolean {
    const mine = this.elems;
    const theirs = prefix.elems;
    if (theirs.length > mine.length) return false;
    for (let at = 0; at < theirs.length; at++) if (mine[at] !== theirs[at]) return false;
    return true;
  }

  /** Without its first `count` elements. */
  drop(count: number): Path {
    if (count <= 0) return this;
    return count >= this.elems.length ? Path.empty : new Path(this.elems.slice(count));
  }

  /** Its first `count` elements. */
  take(count: number): Path {
    if (count >= this.elems.length) return this;
    return count <= 0 ? Path.empty : new Path(this.elems.slice(0, count));
  }

  concat(tail: Path): Path {
    if (tail.elems.length === 0) return this;
    return this.elems.length === 0 ? tail : new Path(this.elems.concat(tail.elems));
  }

  equals(other: Path): boolean {
    return this === other || (this.elems.length === other.elems.length && this.startsWith(other));
  }

  toString(): string {
    return this.show;
  }
}

/** One element as it is written in a path. */
export function showElement(elem: string): string {
  for (let at = 0; at < elem.length; at++) {
    if (!isShowable(elem.charCodeAt(at))) return escapeAll(elem);
  }
  return elem;
}

function escapeAll(elem: string): string {
  let shown = "";
  for (let at = 0; at < elem.length; at++) shown += "\\x" + elem.charCodeAt(at).toString(16).padStart(2, "0");
  return shown;
}

function toBytes(elem: string): string {
  for (let at = 0; at < elem.length; at++) {
    if (elem.charCodeAt(at) > 0xff) return Buffer.from(elem, "utf8").toString("latin1");
  }
  return elem;
}
