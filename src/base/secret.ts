/** A text that must not be seen: passwords, tokens, keys. */
import { inspect } from "node:util";

const STARS = "***";

/** Shows `***` wherever it is printed, joined, logged or serialised; only `reveal` gives the text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return STARS;
  }

  toJSON(): string {
    return STARS;
  }

  [Symbol.toPrimitive](): string {
    return STARS;
  }

  [inspect.custom](): string {
    return STARS;
  }
}
