/** A mapping whose `protocol` says what else is in it. */
import type { Infer } from "./compound-fields.ts";
import { Field, quoteKey, type At, type FieldOptions, type Reading, type Shape } from "./field.ts";
import { withoutKey } from "./kind-field.ts";
import { nearest } from "./nearest.ts";
import { ChoiceField, type Refused } from "./scalar-fields.ts";

type Protocols = Readonly<Record<string, Field<object>>>;
type OneOfProtocols<P extends Protocols> = {
  [N in keyof P & string]: { readonly protocol: N } & Infer<P[N]>;
}[keyof P & string];

const PROTOCOL = "protocol";

export class ProtocolField<P extends Protocols> extends Field<OneOfProtocols<P>> {
  readonly shapes: readonly Shape[] = ["mapping"];
  readonly expected: string;
  readonly #protocols: P;
  readonly #choice: ChoiceField<string>;

  constructor(protocols: P, options: FieldOptions & Refused) {
    super(options.doc === undefined ? {} : { doc: options.doc });
    this.#protocols = protocols;
    this.#choice = new ChoiceField(Object.keys(protocols), options);
    this.expected = `a mapping with a \`protocol\`: ${Object.keys(protocols).join(", ")}`;
  }

  read(input: unknown, at: At, reading: Reading): OneOfProtocols<P> | undefined {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return this.mismatch(input, at, reading);
    const written: unknown = "protocol" in input ? input.protocol : undefined;
    const misspelt = written === undefined ? Object.keys(input).find((key) => nearest(key, [PROTOCOL])) : undefined;
    if (misspelt !== undefined) {
      const message = `unknown key ${quoteKey(misspelt)}`;
      const problem = { at: [...at, misspelt], key: true, code: "key.unknown", message, received: misspelt };
      reading.problems.push({ ...problem, nearest: PROTOCOL });
      return undefined;
    }
    const protocol = this.#choice.take(written, [...at, "protocol"], reading);
    const field = protocol === undefined ? undefined : this.#protocols[protocol];
    const rest = field?.read(withoutKey(input, "protocol"), at, reading);
    return rest === undefined ? undefined : ({ protocol, ...rest } as OneOfProtocols<P>);
  }

  protected describe(): object {
    return { anyOf: Object.entries(this.#protocols).map(([protocol, field]) => withProtocol(field.json, protocol)) };
  }
}

function withProtocol(json: object, protocol: string): object {
  const properties: unknown = "properties" in json ? json.properties : {};
  const required: unknown = "required" in json ? json.required : [];
  return {
    ...json,
    properties: { protocol: { const: protocol, description: "What is spoken." }, ...(properties as object) },
    required: ["protocol", ...(required as readonly string[])],
  };
}
