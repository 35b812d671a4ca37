/** Reads the messages on the judged side's streams: blocks of fields, bodies and their lengths. */
import { checkRequest, checkResponse, checkTrailers, valueOf } from "./h2-fields.ts";
import { F, type Frame } from "./h2-frames.ts";
import { BadBlock, type Field, type StrictDecoder } from "./h2-hpack.ts";
import type { JudgedStream } from "./h2-ledger.ts";

export class MessageJudge {
  #block: { readonly id: number; readonly end: boolean; readonly parts: Buffer[] } | undefined = undefined;
  #isDeaf = false;
  readonly #role: "client" | "server";
  readonly #streams: ReadonlyMap<number, JudgedStream>;
  readonly #decoder: StrictDecoder;
  /** The window of the connection. */
  readonly #room: { window: number };
  readonly #complain: (what: string) => void;

  constructor(
    role: "client" | "server",
    streams: ReadonlyMap<number, JudgedStream>,
    decoder: StrictDecoder,
    room: { window: number },
    complain: (what: string) => void,
  ) {
    this.#role = role;
    this.#streams = streams;
    this.#decoder = decoder;
    this.#room = room;
    this.#complain = complain;
  }

  /** The stream whose block of fields has begun and not ended, or 0. */
  get within(): number {
    return this.#block?.id ?? 0;
  }

  data(stream: JudgedStream, { flags, payload }: Frame, wrong: (what: string) => void): void {
    if (!stream.head) wrong("DATA before HEADERS");
    // A frame without a byte may be sent whatever the windows say.
    if (payload.length > 0 && payload.length > stream.window) wrong(`over the stream's window of ${stream.window}`);
    if (payload.length > 0 && payload.length > this.#room.window)
      wrong(`over the connection's window of ${this.#room.window}`);
    stream.window -= payload.length;
    this.#room.window -= payload.length;
    const body = unpadded(flags, payload, wrong);
    stream.chunks.push(body);
    stream.length += body.length;
    if ((flags & F.END_STREAM) !== 0) this.#ended(stream);
  }

  headers({ flags, id, payload }: Frame, wrong: (what: string) => void): void {
    let body = unpadded(flags, payload, wrong);
    if ((flags & F.PRIORITY) !== 0) {
      if (body.readUInt32BE(0) % 2 ** 31 === id) wrong("a stream depends on itself");
      body = body.subarray(5);
    }
    this.#block = { id, end: (flags & F.END_STREAM) !== 0, parts: [] };
    this.rest(flags, body);
  }

  rest(flags: number, part: Buffer): void {
    const block = this.#block;
    if (!block) return;
    block.parts.push(part);
    if ((flags & F.END_HEADERS) === 0) return;
    this.#block = undefined;
    const stream = this.#streams.get(block.id);
    const fields = this.#decode(Buffer.concat(block.parts));
    if (!stream || !fields) return;
    this.#section(stream, fields, block.end);
    if (block.end) this.#ended(stream);
  }

  #decode(block: Buffer): Field[] | undefined {
    // What comes behind a block that could not be decoded means nothing.
    if (this.#isDeaf) return undefined;
    try {
      return this.#decoder.decode(block);
    } catch (error) {
      if (!(error instanceof BadBlock)) throw error;
      this.#isDeaf = true;
      this.#complain(`HPACK: ${error.message}`);
      return undefined;
    }
  }

  #section(stream: JudgedStream, fields: Field[], end: boolean): void {
    const wrong = (what: string): void => this.#complain(`stream ${stream.id}: ${what}`);
    if (stream.head) {
      if (!end) wrong("trailers without END_STREAM");
      stream.trailers = fields;
      return checkTrailers(fields).forEach(wrong);
    }
    if (this.#role === "client") {
      stream.head = fields;
      stream.method = valueOf(fields, ":method") ?? "";
      return checkRequest(fields).forEach(wrong);
    }
    checkResponse(fields).forEach(wrong);
    if (valueOf(fields, ":status")?.startsWith("1") !== true) stream.head = fields;
    else if (end) wrong("1xx with END_STREAM");
    else stream.interims.push(fields);
  }

  #ended(stream: JudgedStream): void {
    stream.hasEnded = true;
    const said = valueOf(stream.head ?? [], "content-length");
    const status = valueOf(stream.head ?? [], ":status");
    const isBodyless = stream.method === "HEAD" || status === "204" || status === "304";
    if (this.#role === "server" && isBodyless) {
      if (stream.length > 0) this.#complain(`stream ${stream.id}: a body of ${stream.length} where none may be`);
    } else if (said !== undefined && Number(said) !== stream.length) {
      this.#complain(`stream ${stream.id}: content-length ${said}, and ${stream.length} bytes`);
    }
  }
}

function unpadded(flags: number, payload: Buffer, wrong: (what: string) => void): Buffer {
  if ((flags & F.PADDED) === 0) return payload;
  const pad = payload[0];
  if (pad === undefined || pad >= payload.length) {
    wrong("more padding than payload");
    return payload.subarray(0, 0);
  }
  if (payload.subarray(payload.length - pad).some((each) => each !== 0)) wrong("padding that is not zeros");
  return payload.subarray(1, payload.length - pad);
}
