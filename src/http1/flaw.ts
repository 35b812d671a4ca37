/** Every way in which an HTTP/1 message can break its grammar, with the sentence and the failure for each side. */
import { type Failure, type FailureCode, failure } from "../base/failure.ts";

const sentences = {
  "line.method": "The method is not a token.",
  "line.target": "The request target is not in a form that RFC 9112 knows.",
  "line.connect": "CONNECT is not served here.",
  "connect.form": "A CONNECT must name a host and a port, and has no body.",
  "line.version": "The request line does not end in an HTTP version.",
  "line.unserved": "Only HTTP/1.0 and HTTP/1.1 are served here.",
  "line.large": "The request line is longer than the limit.",
  "line.status": "The status line breaks the grammar.",
  "head.large": "The head is larger than the limit.",
  "head.fields": "The head has more fields than the limit.",
  "head.byte": "The head has a byte that may not be in it.",
  "head.ending": "A line of the head does not end in CRLF.",
  "field.name": "A field name is not a token that is followed by a colon.",
  "field.fold": "A field is folded over several lines.",
  "field.value": "A field value has a byte that may not be in it.",
  "host.missing": "An HTTP/1.1 request must have a Host.",
  "host.repeated": "There is more than one Host.",
  "host.grammar": "The Host is not a host with an optional port.",
  "length.grammar": "The Content-Length is not one decimal number.",
  "length.repeated": "There is more than one Content-Length.",
  "length.coding": "Both Content-Length and Transfer-Encoding are given.",
  "coding.unknown": "The Transfer-Encoding is not exactly chunked.",
  "coding.version": "HTTP/1.0 has no Transfer-Encoding.",
  "chunk.size": "A chunk size is not a hexadecimal number.",
  "chunk.extension": "The chunk extensions break the grammar or are larger than the limit.",
  "chunk.ending": "A chunk does not end in CRLF.",
  "trailers.large": "The trailers are larger, or more, than the limit.",
  "status.upgrade": "The endpoint switched protocols unasked, or to another one than was asked for.",
  "status.interim": "The endpoint sent more interim answers than the limit.",
} as const;

export type Flaw = keyof typeof sentences;

const requestCodes: { readonly [flaw in Flaw]?: FailureCode } = {
  "line.unserved": "request.version",
  "line.large": "request.line_too_large",
  "head.large": "request.head_too_large",
  "head.fields": "request.head_too_large",
  "trailers.large": "request.head_too_large",
};

function table(code: (flaw: Flaw) => FailureCode): Readonly<Record<Flaw, Failure>> {
  const flaws = Object.keys(sentences) as Flaw[];
  return Object.freeze(
    Object.fromEntries(flaws.map((flaw) => [flaw, failure(code(flaw), sentences[flaw])])) as Record<Flaw, Failure>,
  );
}

/** What a caller hears of a flaw in its request. */
export const requestFailures = table((flaw) => requestCodes[flaw] ?? "request.malformed");

/** What a caller hears of a flaw in an endpoint's answer. */
export const responseFailures = table(() => "upstream.malformed");
