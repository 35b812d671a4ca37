/** Every way in which the fields of an HTTP/2 message can be malformed, with the sentence and the failure for each side. */
import { type Failure, failure } from "../base/failure.ts";

const sentences = {
  "field.name": "A field name is not a token in lower case.",
  "field.value": "A field value has a byte that may not be in it, or white space around it.",
  "field.connection": "A field that belongs to one connection of HTTP/1 is given.",
  "field.te": "A TE field says something else than trailers.",
  "pseudo.unknown": "A pseudo field is not one of this kind of message.",
  "pseudo.repeated": "A pseudo field is given twice.",
  "pseudo.late": "A pseudo field stands behind another field.",
  "pseudo.missing": "A pseudo field that the message must have is missing.",
  "pseudo.method": "The method is not a token.",
  "pseudo.scheme": "The scheme is neither http nor https.",
  "pseudo.path": "The path is not one that RFC 9113 allows for the method.",
  "pseudo.authority": "The authority is not a host with an optional port.",
  "pseudo.protocol": "A protocol is given without CONNECT, or is not a token.",
  "pseudo.status": "The status is not one of three digits that HTTP/2 knows.",
  "connect.unserved": "CONNECT is not served here.",
  "connect.form": "A CONNECT must name a host and a port, and neither scheme nor path.",
  "host.missing": "A request must say to which host it goes.",
  "host.differs": "The Host and the authority differ, or there is more than one Host.",
  "length.grammar": "The content-length is not one decimal number.",
  "length.differs": "There are content-lengths that differ.",
} as const;

export type FieldFlaw = keyof typeof sentences;
/** Of a request; the stream is reset with PROTOCOL_ERROR, or the caller answered with 400. */
export type RequestFlaw = FieldFlaw;
/** Of a response. */
export type ResponseFlaw = FieldFlaw;

function table(code: "request.malformed" | "upstream.malformed"): Readonly<Record<FieldFlaw, Failure>> {
  const flaws = Object.keys(sentences) as FieldFlaw[];
  return Object.freeze(
    Object.fromEntries(flaws.map((flaw) => [flaw, failure(code, sentences[flaw])])) as Record<FieldFlaw, Failure>,
  );
}

/** What a caller hears of a flaw in its request. */
export const requestFieldFailures = table("request.malformed");

/** What a caller hears of a flaw in an endpoint's answer. */
export const responseFieldFailures = table("upstream.malformed");
