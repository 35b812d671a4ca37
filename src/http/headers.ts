/** The header fields of one message, in order, with duplicates, and with the case in which they came. */
import type { FieldLine } from "./field-line.ts";

/**
 * Field names are looked up in lower case. Positions are stable until the next `reset`: a dropped field keeps its
 * position and is skipped. What is in here is valid (RFC 9110 §5): codecs check on the way in, `append` checks the rest.
 * Names and values that come out may be slices of the whole head: who keeps one beyond the exchange copies it.
 */
export interface Headers {
  /** How many positions there are, dropped ones included. */
  readonly size: number;
  /** Bits of `known` for the fields that are, or may be, in here: what has no bit need not be searched for. */
  readonly seen: number;
  dropped(at: number): boolean;
  name(at: number): string;
  value(at: number): string;
  /** The first live field of that name at or after `from`, or -1. `lowerName` is in lower case. */
  find(lowerName: string, from?: number): number;
  /** The first live value of that name. */
  get(lowerName: string): string | undefined;
  drop(at: number): void;
  /** Drops every field of that name. */
  remove(lowerName: string): void;
  /** Adds a field at the end, without white space around the value. Throws a TypeError on what may not be sent. */
  append(name: string, value: string): void;
  /** Adds a field that was found valid before. */
  appendLine(line: FieldLine): void;
  /** `remove`, then `append`. */
  set(name: string, value: string): void;
}
