/** A key of Linkerd 1 that is read in full and changes nothing here: whoever sets it is told why. */
import { OptionalField } from "./compound-fields.ts";
import { quoteKey, type At, type Field, type Reading } from "./field.ts";

export class IdleField<T> extends OptionalField<T> {
  readonly #why: string;

  /** `why` follows "`key` has no effect: ". To say what `field` has by default is to say nothing. */
  constructor(field: Field<T>, why: string) {
    super(field);
    this.#why = why;
  }

  override read(input: unknown, at: At, reading: Reading): T | undefined {
    const isDefault = this.field.default !== undefined && JSON.stringify(input) === JSON.stringify(this.field.default);
    if (isDefault) return undefined;
    const message = `${quoteKey(at.at(-1) ?? "")} has no effect: ${this.#why}`;
    reading.source.warn?.({ at, key: true, code: "key.idle", message });
    return super.read(input, at, reading);
  }

  override get json(): object {
    return { ...super.json, deprecated: true, description: `Read, and without effect: ${this.#why}.` };
  }
}
