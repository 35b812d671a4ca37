/** Reads the trailers of an HTTP/2 message, strictly (RFC 9113 §8.1). */
import type { FieldFlaw } from "./field-flaw.ts";
import { BAD_NAME, BAD_VALUE, CONNECTION, LATE, PSEUDO } from "./field-kind.ts";
import { FieldList } from "./field-list.ts";
import type { FieldSink } from "./hpack-decoder.ts";

const FLAWED = BAD_NAME | BAD_VALUE | CONNECTION | PSEUDO;

/** A field that may not be a trailer is left out. One a connection: `reset`, then a block is decoded into it, then `finish`. */
export class TrailerFields implements FieldSink {
  #list = new FieldList();
  #flaw: FieldFlaw | undefined;

  reset(): void {
    this.#list = new FieldList();
    this.#flaw = undefined;
  }

  field(name: string, value: string, kind: number): void {
    if ((kind & FLAWED) !== 0) this.#flaw ??= flawOf(kind);
    else if ((kind & LATE) === 0) this.#list.add(name, value, kind);
  }

  /** What is wrong, or undefined; then `trailers` has them. */
  finish(): FieldFlaw | undefined {
    return this.#flaw;
  }

  /** Theirs who takes them. */
  get trailers(): FieldList {
    return this.#list;
  }
}

function flawOf(kind: number): FieldFlaw {
  if ((kind & PSEUDO) !== 0) return "pseudo.unknown";
  if ((kind & BAD_NAME) !== 0) return "field.name";
  return (kind & BAD_VALUE) !== 0 ? "field.value" : "field.connection";
}
