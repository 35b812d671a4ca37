/** The pattern of a prefix: `/svc/users`, `/svc/*`, `/#/io.l5d.fs/{service}`. */
import { type Path, showElement } from "../naming/path.ts";

const ANY = /^[^]*$/;
const CAPTURE = /\{[^{}]*\}/g;

/** Matches names that begin as it says. Elements are compared as they are shown; a capture matches any text. */
export class Pattern {
  readonly show: string;
  /** The names of its captures, in order. */
  readonly captures: readonly string[];
  readonly #elements: readonly RegExp[];
  private constructor(show: string, elements: readonly RegExp[], captures: readonly string[]) {
    this.show = show;
    this.captures = captures;
    this.#elements = elements;
  }

  /** Throws an Error when it does not begin with `/` or a name in braces is none. */
  static read(text: string): Pattern {
    if (!text.startsWith("/")) throw new Error("a prefix begins with `/`");
    const elements = text.split("/").filter((element) => element !== "");
    const captures = elements.flatMap((element) => element.match(CAPTURE) ?? []).map((part) => part.slice(1, -1));
    return new Pattern(text, elements.map(elementPattern), captures);
  }

  matches(name: Path): boolean {
    if (name.size < this.#elements.length) return false;
    return this.#elements.every((element, at) => element.test(showElement(name.elems[at] ?? "")));
  }

  /** `text` with each `{capture}` replaced by what it stands for in a name that matches. */
  fill(text: string, name: Path): string {
    const found = this.#elements.flatMap(
      (element, at) => element.exec(showElement(name.elems[at] ?? ""))?.slice(1) ?? [],
    );
    return text.replaceAll(CAPTURE, (part) => found[this.captures.indexOf(part.slice(1, -1))] ?? part);
  }

  toJSON(): string {
    return this.show;
  }
}

function elementPattern(element: string): RegExp {
  if (element === "*") return ANY;
  const parts = element.split(/(\{[^{}]*\})/);
  const source = parts.map((part) => (part.startsWith("{") ? capture(part) : escaped(part)));
  return new RegExp(`^${source.join("")}$`);
}

function capture(part: string): string {
  if (!/^\{[A-Za-z0-9._:-\x5f]+\}$/.test(part) || part.includes("-"))
    throw new Error(`${part} is not a name in braces`);
  return "(.*)";
}

function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`);
}
