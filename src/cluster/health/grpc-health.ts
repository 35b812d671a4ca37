/** The two messages of `grpc.health.v1.Health/Check` as they stand on the wire. */

/** Flag and length before each message of gRPC. */
const PREFIX_BYTES = 5;
/** Field 1 of the request, a text (wire type 2); field 1 of the answer, a number (wire type 0). */
const SERVICE_TAG = 0x0a;
const STATUS_TAG = 0x08;
const STATUSES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

export type ServingStatus = (typeof STATUSES)[number] | "garbled";

export function writeHealthRequest(service: string): Uint8Array {
  const name = Buffer.from(service, "utf8");
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([SERVICE_TAG, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** An absent field is the first of the statuses, as always in proto3. */
export function readServingStatus(bytes: Uint8Array): ServingStatus {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (body.length < PREFIX_BYTES || body[0] !== 0 || body.readUInt32BE(1) !== body.length - PREFIX_BYTES) {
    return "garbled";
  }
  const message = body.subarray(PREFIX_BYTES);
  if (message.length === 0) return "UNKNOWN";
  if (message[0] !== STATUS_TAG || message.length < 2) return "garbled";
  return STATUSES[message[1] as number] ?? "garbled";
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return [...bytes, left];
}
