/** A header field that was found valid, with its line ready to be sent. */
import { isFieldValue, trimOws } from "./grammar.ts";
import { bitOfName } from "./known-fields.ts";

/** Made once and appended to many messages where it is always the same. */
export interface FieldLine {
  readonly name: string;
  readonly lowerName: string;
  readonly value: string;
  /** `name: value` with its CRLF. */
  readonly text: string;
  /** The name's bit of `known`, or 0. */
  readonly seen: number;
}

/** Without white space around the value. Throws a TypeError on what may not be sent. */
export function fieldLine(name: string, value: string): FieldLine {
  const seen = bitOfName(name);
  if (seen < 0) throw new TypeError(`not a field name: ${JSON.stringify(name)}`);
  if (!isFieldValue(value)) throw new TypeError(`not a value for the field ${name}`);
  const trimmed = trimOws(value);
  // Joined, and not added up: what is added up keeps its parts beside the whole.
  const text = [name, ": ", trimmed, "\r\n"].join("");
  return { name, lowerName: name.toLowerCase(), value: trimmed, text, seen };
}

/** Makes lines of one field whose values are of an alphabet that needs no check: digits, hex, base64. */
export class PlainField {
  readonly #name: string;
  readonly #lowerName: string;
  readonly #seen: number;

  constructor(name: string) {
    const { lowerName, seen } = fieldLine(name, "");
    this.#name = name;
    this.#lowerName = lowerName;
    this.#seen = seen;
  }

  line(value: string): FieldLine {
    const name = this.#name;
    return { name, lowerName: this.#lowerName, value, text: `${name}: ${value}\r\n`, seen: this.#seen };
  }
}
