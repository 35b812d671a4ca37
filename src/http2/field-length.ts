/** The content-length of an HTTP/2 message, which frames nothing and still must be true (RFC 9113 §8.1.1). */
import { decimal } from "../http/grammar.ts";
import type { FieldFlaw } from "./field-flaw.ts";
import type { FieldList } from "./field-list.ts";

/** No field says the length. */
export const NO_LENGTH = -1;

/** Adds a content-length to `list`, unless one with the same number is there; `known` is that number. */
export function addLength(
  list: FieldList,
  known: number,
  name: string,
  value: string,
  kind: number,
): number | FieldFlaw {
  const length = decimal(value);
  if (length < 0) return "length.grammar";
  if (known !== NO_LENGTH) return known === length ? length : "length.differs";
  list.add(name, value, kind);
  return length;
}
