/** The left side of a dentry: which paths it is about. */
import { type Path, showElement } from "./path.ts";
import { Scanner } from "./scanner.ts";

/** The `*` of a prefix: any one element. No label can be `null`, so an escaped `\x2a` stays a label. */
export const wildcard = null;

/** An immutable list of labels and wildcards. */
export class Prefix {
  readonly elems: readonly (string | null)[];
  readonly show: string;

  constructor(elems: readonly (string | null)[]) {
    this.elems = elems;
    this.show = "/" + elems.map((elem) => (elem === wildcard ? "*" : showElement(elem))).join("/");
  }

  /** Throws a ParseError. */
  static read(text: string): Prefix {
    const scanner = new Scanner(text);
    scanner.space();
    const elems = scanner.elements(true);
    scanner.space();
    scanner.expectEnd();
    return new Prefix(elems);
  }

  get size(): number {
    return this.elems.length;
  }

  /** Byte for byte, and not longer than the path. */
  matches(path: Path): boolean {
    if (this.elems.length > path.elems.length) return false;
    for (let at = 0; at < this.elems.length; at++) {
      const elem = this.elems[at];
      if (elem !== wildcard && elem !== path.elems[at]) return false;
    }
    return true;
  }
}
