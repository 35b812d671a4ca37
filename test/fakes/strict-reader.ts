/** Reads HTTP/1 messages under the strictest reading of RFC 9112; shares no code with what it judges. */

export interface StrictMessage {
  /** The first line. */
  readonly line: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** The body ended with the connection. */
  readonly byClose: boolean;
}

/** What is read is not canonical, or not whole. */
export class NotCanonical extends Error {}

/** What is read may be the beginning of something canonical, and ends too early. */
export class CutShort extends NotCanonical {}

/** All bytes as latin1, whole messages one after the other. Throws NotCanonical. */
export function readRequests(bytes: string): StrictMessage[] {
  const { messages, isCut } = readCutRequests(bytes);
  if (isCut) throw new CutShort("the last request is cut short");
  return messages;
}

/** As `readRequests`, but the last one may be cut short, and is left out then. */
export function readCutRequests(bytes: string): { messages: StrictMessage[]; isCut: boolean } {
  const reader = new Reader(bytes);
  const messages: StrictMessage[] = [];
  try {
    while (!reader.atEnd) messages.push(readRequest(reader));
  } catch (error) {
    if (error instanceof CutShort) return { messages, isCut: true };
    throw error;
  }
  return { messages, isCut: false };
}

/** The answers to requests of these methods; interim ones stand before their final one. */
export function readResponses(bytes: string, methods: readonly string[], isClosed: boolean): StrictMessage[] {
  const reader = new Reader(bytes);
  const out: StrictMessage[] = [];
  for (const method of methods) {
    let message: StrictMessage;
    do {
      if (reader.atEnd) return out;
      message = readResponse(reader, method, isClosed);
      out.push(message);
    } while (message.line.startsWith("HTTP/1.1 1"));
  }
  if (!reader.atEnd) throw new NotCanonical(`bytes behind the last answer: ${JSON.stringify(reader.rest(60))}`);
  return out;
}

const PCHAR = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})";
const ORIGIN = new RegExp(`^/(?:${PCHAR}|/)*(?:\\?(?:${PCHAR}|[/?])*)?$`);
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const FIELD = new RegExp(
  `^(${TOKEN}): ((?:[\\x21-\\x7e\\x80-\\xff](?:[\\x20\\t\\x21-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)?)$`,
);
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/;

class Reader {
  #at = 0;
  readonly #bytes: string;
  constructor(bytes: string) {
    this.#bytes = bytes;
  }
  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
  rest(limit: number): string {
    return this.#bytes.slice(this.#at, this.#at + limit);
  }
  line(): string {
    const end = this.#bytes.indexOf("\r\n", this.#at);
    if (end < 0) {
      const rest = this.#bytes.slice(this.#at);
      if (/[\n\0]|\r[^]/.test(rest)) throw new NotCanonical(`no line: ${JSON.stringify(rest.slice(0, 60))}`);
      throw new CutShort(`no CRLF in ${JSON.stringify(this.rest(60))}`);
    }
    const line = this.#bytes.slice(this.#at, end);
    if (/[\r\n\0]/.test(line)) throw new NotCanonical(`a bare CR, LF or NUL in ${JSON.stringify(line)}`);
    this.#at = end + 2;
    return line;
  }
  take(count: number): string {
    if (this.#at + count > this.#bytes.length) throw new CutShort("the body is cut short");
    this.#at += count;
    return this.#bytes.slice(this.#at - count, this.#at);
  }
  all(): string {
    return this.take(this.#bytes.length - this.#at);
  }
}

type Field = readonly [name: string, value: string];

function readFields(reader: Reader): Field[] {
  const fields: Field[] = [];
  for (let line = reader.line(); line !== ""; line = reader.line()) {
    const match = FIELD.exec(line);
    if (!match) throw new NotCanonical(`not a canonical field: ${JSON.stringify(line)}`);
    fields.push([match[1] as string, match[2] as string]);
  }
  return fields;
}

export const valuesOf = (fields: readonly Field[], lowerName: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);

function isTarget(method: string, target: string): boolean {
  if (method === "CONNECT") return HOST.test(target) && /[^:]:\d{1,5}$/.test(target);
  return ORIGIN.test(target) || (target === "*" && method === "OPTIONS");
}

function readRequest(reader: Reader): StrictMessage {
  const line = reader.line();
  const match = new RegExp(`^(${TOKEN}) (\\S+) HTTP/1\\.([01])$`).exec(line);
  if (!match) throw new NotCanonical(`not a request line: ${JSON.stringify(line)}`);
  const target = match[2] as string;
  if (!isTarget(match[1] as string, target)) throw new NotCanonical(`target ${target}`);
  const fields = readFields(reader);
  const hosts = valuesOf(fields, "host");
  if (hosts.length > 1 || (hosts.length === 0 && match[3] === "1")) throw new NotCanonical("not one Host");
  if (hosts.some((host) => !HOST.test(host))) throw new NotCanonical(`Host ${hosts[0]}`);
  const length = framing(fields, match[3] === "1");
  return { line, fields, ...readBody(reader, length ?? 0), byClose: false };
}

function readResponse(reader: Reader, method: string, isClosed: boolean): StrictMessage {
  const line = reader.line();
  const match = /^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/.exec(line);
  if (!match) throw new NotCanonical(`not a status line: ${JSON.stringify(line)}`);
  const status = Number(match[1]);
  const fields = readFields(reader);
  const length = framing(fields, true);
  const bodyless = status < 200 || status === 204 || status === 304 || method === "HEAD";
  if ((status < 200 || status === 204) && length !== undefined) throw new NotCanonical(`framing with ${status}`);
  if (bodyless) return { line, fields, body: "", trailers: [], byClose: false };
  if (length !== undefined) return { line, fields, ...readBody(reader, length), byClose: false };
  if (!isClosed) throw new NotCanonical("an answer without an end");
  return { line, fields, body: reader.all(), trailers: [], byClose: true };
}

/** A length, -1 for chunked, undefined where nothing is said. */
function framing(fields: readonly Field[], knowsChunks: boolean): number | undefined {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length + codings.length > 1) throw new NotCanonical("framed more than once");
  if (codings.length === 1) {
    if (codings[0] !== "chunked" || !knowsChunks) throw new NotCanonical(`Transfer-Encoding ${codings[0]}`);
    return -1;
  }
  if (lengths.length === 0) return undefined;
  if (!/^(?:0|[1-9]\d{0,14})$/.test(lengths[0] as string)) throw new NotCanonical(`Content-Length ${lengths[0]}`);
  return Number(lengths[0]);
}

function readBody(reader: Reader, length: number): { body: string; trailers: Field[] } {
  if (length >= 0) return { body: reader.take(length), trailers: [] };
  let body = "";
  for (;;) {
    const line = reader.line();
    if (!/^(?:0|[1-9a-f][0-9a-f]{0,7})$/.test(line)) throw new NotCanonical(`chunk size ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    if (size === 0) return { body, trailers: readFields(reader) };
    body += reader.take(size);
    if (reader.line() !== "") throw new NotCanonical("a chunk does not end in CRLF");
  }
}
