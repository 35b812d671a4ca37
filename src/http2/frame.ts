/** The numbers of HTTP/2's frames (RFC 9113 §6), and of what a frame's head holds. */

export const frameType = Object.freeze({
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
});

export const flag = Object.freeze({ endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 });

export const FRAME_HEAD_BYTES = 9;

/** What every endpoint takes, and what windows start with (RFC 9113 §6.5.2, §6.9.2). */
export const LEAST_FRAME_BYTES = 16_384;
export const INITIAL_WINDOW = 65_535;
export const MAX_WINDOW = 2 ** 31 - 1;
export const MAX_STREAM_ID = 2 ** 31 - 1;

/** What a caller says first (RFC 9113 §3.4). */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The 31 bits at `at`, without the reserved one. */
export function uint31(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] as number) & 0x7f;
  return (
    (high << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
  );
}

export function uint32(bytes: Uint8Array, at: number): number {
  return uint31(bytes, at) + ((bytes[at] as number) >>> 7) * 2 ** 31;
}
