/** Frames of HTTP/2 (RFC 9113 §4, §6) made by hand, right or wrong, and cut out of bytes; shares no code with what it tests. */

export const T = Object.freeze({
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
});

export const typeNames = Object.freeze(Object.keys(T));

export const F = Object.freeze({ END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 });

/** Error codes in the order of their numbers. */
export const codeNames = Object.freeze([
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const);

export type CodeName = (typeof codeNames)[number];

export const code = (name: CodeName): number => codeNames.indexOf(name);

/** Settings by the names of RFC 9113 §6.5.2 and RFC 8441 §3. */
export const S = Object.freeze({
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  ENABLE_CONNECT_PROTOCOL: 8,
});

export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly id: number;
  readonly isReservedSet: boolean;
  readonly payload: Buffer;
}

export interface Lies {
  /** The length that the head of the frame claims. */
  readonly length?: number;
  /** Sets the reserved bit. */
  readonly reserved?: boolean;
}

const none = Buffer.alloc(0);

export const bytes = (from: string | Uint8Array): Buffer =>
  typeof from === "string" ? Buffer.from(from, "latin1") : Buffer.from(from);

export function uint32(...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => out.writeUInt32BE(value >>> 0, at * 4));
  return out;
}

/** Any frame at all. */
export function frame(type: number, flags: number, id: number, payload: Uint8Array = none, lies: Lies = {}): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(lies.length ?? payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE((id + (lies.reserved === true ? 2 ** 31 : 0)) >>> 0, 5);
  return Buffer.concat([head, payload]);
}

export interface Shape {
  readonly end?: boolean;
  /** Bytes of padding; the padded flag is set also for 0. */
  readonly pad?: number;
}

function padded(payload: Uint8Array, pad: number | undefined): Buffer {
  return pad === undefined ? Buffer.from(payload) : Buffer.concat([Buffer.of(pad), payload, Buffer.alloc(pad)]);
}

export function data(id: number, body: string | Uint8Array = "", { end = false, pad }: Shape = {}): Buffer {
  const flags = (end ? F.END_STREAM : 0) | (pad === undefined ? 0 : F.PADDED);
  return frame(T.DATA, flags, id, padded(bytes(body), pad));
}

export interface HeadShape extends Shape {
  /** Whether the block ends with this frame. */
  readonly whole?: boolean;
  /** Adds the five bytes of a priority: on which stream it depends. */
  readonly dependsOn?: number;
}

export function headers(id: number, block: Uint8Array, shape: HeadShape = {}): Buffer {
  const { end = false, whole = true, pad, dependsOn } = shape;
  const flags =
    (end ? F.END_STREAM : 0) |
    (whole ? F.END_HEADERS : 0) |
    (pad === undefined ? 0 : F.PADDED) |
    (dependsOn === undefined ? 0 : F.PRIORITY);
  const before = dependsOn === undefined ? none : Buffer.concat([uint32(dependsOn), Buffer.of(15)]);
  return frame(T.HEADERS, flags, id, padded(Buffer.concat([before, block]), pad));
}

export const continuation = (id: number, block: Uint8Array, whole = true): Buffer =>
  frame(T.CONTINUATION, whole ? F.END_HEADERS : 0, id, block);

export const priority = (id: number, dependsOn = 0, weight = 15): Buffer =>
  frame(T.PRIORITY, 0, id, Buffer.concat([uint32(dependsOn), Buffer.of(weight)]));

export const rst = (id: number, why: CodeName | number): Buffer =>
  frame(T.RST_STREAM, 0, id, uint32(typeof why === "number" ? why : code(why)));

export type Setting = readonly [key: number, value: number];

export function settings(...pairs: readonly Setting[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  pairs.forEach(([key, value], at) => {
    payload.writeUInt16BE(key, at * 6);
    payload.writeUInt32BE(value >>> 0, at * 6 + 2);
  });
  return frame(T.SETTINGS, 0, 0, payload);
}

/** The settings that a payload holds. */
export function pairsOf(payload: Buffer): Setting[] {
  return Array.from({ length: Math.floor(payload.length / 6) }, (_unused, at): Setting => {
    return [payload.readUInt16BE(at * 6), payload.readUInt32BE(at * 6 + 2)];
  });
}

export const settingsAck = (): Buffer => frame(T.SETTINGS, F.ACK, 0);

export const pushPromise = (id: number, promised: number, block: Uint8Array): Buffer =>
  frame(T.PUSH_PROMISE, F.END_HEADERS, id, Buffer.concat([uint32(promised), block]));

export const ping = (payload: string | Uint8Array = "pingpong", ack = false): Buffer =>
  frame(T.PING, ack ? F.ACK : 0, 0, bytes(payload));

export const goaway = (lastId: number, why: CodeName | number = "NO_ERROR", debug = ""): Buffer =>
  frame(T.GOAWAY, 0, 0, Buffer.concat([uint32(lastId, typeof why === "number" ? why : code(why)), bytes(debug)]));

export const windowUpdate = (id: number, by: number): Buffer => frame(T.WINDOW_UPDATE, 0, id, uint32(by));

/** For messages: `HEADERS 1 flags 5 (12)`. */
export function show({ type, flags, id, payload }: Frame): string {
  const name = typeNames[type] ?? `type ${type}`;
  let detail = "";
  if (type === T.RST_STREAM && payload.length === 4) detail = ` ${codeNames[payload.readUInt32BE(0)]}`;
  if (type === T.GOAWAY && payload.length >= 8) {
    detail = ` last ${payload.readUInt32BE(0)} ${codeNames[payload.readUInt32BE(4)]} ${JSON.stringify(payload.toString("latin1", 8))}`;
  }
  return `${name} ${id} flags ${flags} (${payload.length})${detail}`;
}

/** Cuts a run of bytes into frames. */
export class Splitter {
  #rest = none;

  /** The bytes of a frame that is not whole. */
  get rest(): number {
    return this.#rest.length;
  }

  add(more: Uint8Array): Frame[] {
    let rest = this.#rest.length === 0 ? Buffer.from(more) : Buffer.concat([this.#rest, more]);
    const frames: Frame[] = [];
    while (rest.length >= 9) {
      const length = rest.readUIntBE(0, 3);
      if (rest.length < 9 + length) break;
      const stream = rest.readUInt32BE(5);
      frames.push({
        type: rest[3] as number,
        flags: rest[4] as number,
        id: stream % 2 ** 31,
        isReservedSet: stream >= 2 ** 31,
        payload: rest.subarray(9, 9 + length),
      });
      rest = rest.subarray(9 + length);
    }
    this.#rest = rest;
    return frames;
  }
}
