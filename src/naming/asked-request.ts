/** A request that nobody sends: it is asked about, how it would be named. */

export interface AskedRequest {
  readonly method: string;
  /** As in a request line: in origin form, or with scheme and host. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Asks a worker what one of its routers would take the request for. */
export interface IdentifyQuery {
  readonly router: string;
  readonly request: AskedRequest;
}

/** What a router takes a request for. */
export type Identified =
  | {
      readonly kind: "named";
      /** The logical name. */
      readonly path: string;
      /** The dtab that the request brings with it, where its caller is trusted; "" for none. */
      readonly local: string;
      /** The kind of the identifier that knew it. */
      readonly identifier: string;
    }
  | { readonly kind: "refused"; readonly message: string };

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +(\S+)(?: +HTTP\/\d(?:\.\d)?)?$/;

/**
 * `GET http://users/x`, and below that a header field a line: `name: value`. Throws a SyntaxError with a sentence.
 */
export function readAskedRequest(text: string): AskedRequest {
  const [first = "", ...fields] = text.trim().split(/\r?\n/);
  const line = REQUEST_LINE.exec(first.trim());
  if (line === null) throw new SyntaxError(`${first} is no request: expected a method and a URL, as GET http://users/`);
  const [, method = "", target = ""] = line;
  return { method, target, headers: fields.filter((field) => field.trim() !== "").map(readField) };
}

function readField(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  if (colon <= 0) throw new SyntaxError(`${text} is no header field: expected name: value`);
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}
