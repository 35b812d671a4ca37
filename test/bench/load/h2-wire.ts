/** The few frames of HTTP/2 (RFC 9113 §4) that load and backends need: they decode no header block. */
export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export function frame(type: number, flags: number, id: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(id, 5);
  bytes.set(payload, 9);
  return bytes;
}

/** No table of fields, so that a block means the same wherever it comes; windows of 1 GiB. */
export const SETTINGS_SENT = frame(
  SETTINGS,
  0,
  0,
  Buffer.concat([setting(1, 0), setting(2, 0), setting(3, 1_000), setting(4, 2 ** 30)]),
);
export const SETTINGS_ACKED = frame(SETTINGS, ACK, 0, Buffer.alloc(0));

function setting(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

export function windowUpdate(id: number, by: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(by, 0);
  return frame(WINDOW_UPDATE, 0, id, payload);
}

/** A header block (RFC 7541 §6.2.2) of fields that nobody keeps: names and values below 127 bytes, no Huffman. */
export function block(...fields: readonly (readonly [string, string])[]): Buffer {
  const parts = fields.map(([name, value]) =>
    Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]),
  );
  return Buffer.concat(parts);
}

type FrameHandler = (type: number, flags: number, id: number, payload: Buffer) => void;

/** Cuts bytes into frames. */
export class FrameReader {
  readonly #take: FrameHandler;
  #rest: Buffer | undefined;

  constructor(take: FrameHandler) {
    this.#take = take;
  }

  read(bytes: Buffer): void {
    const got = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    let at = 0;
    while (got.length - at >= 9) {
      const end = at + 9 + got.readUIntBE(at, 3);
      if (end > got.length) break;
      const id = got.readUInt32BE(at + 5) & 0x7fffffff;
      this.#take(got[at + 3] as number, got[at + 4] as number, id, got.subarray(at + 9, end));
      at = end;
    }
    this.#rest = at === got.length ? undefined : Buffer.from(got.subarray(at));
  }
}
