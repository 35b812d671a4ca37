/** A value that is read later, by who knows what it names, and that editors are told of as if it were read here. */
import { Field, type At, type FieldOptions, type Reading, shapeOf, type Shape } from "./field.ts";

export class DeferredField extends Field<unknown> {
  readonly shapes: readonly Shape[];
  readonly expected: string;
  readonly #as: Field<unknown>;
  constructor(as: Field<unknown>, options: FieldOptions = {}) {
    super(options);
    this.#as = as;
    this.shapes = as.shapes;
    this.expected = as.expected;
  }

  /** Of its shape it only says whether it can be read at all. */
  read(input: unknown, at: At, reading: Reading): unknown {
    return this.shapes.includes(shapeOf(input)) ? input : this.mismatch(input, at, reading);
  }

  protected describe(): object {
    return this.#as.json;
  }
}
