/**
 * Calls of many shapes, drawn from a seed: sizes, latencies, errors, resets and cancels, 1 to 10,000 messages a stream.
 * Every message says which it is, so that one that is lost, doubled or out of order is seen.
 */
/** What one call does; the backend is told in metadata. */
export interface Plan {
  readonly id: number;
  /** Messages that the caller sends, and that the backend sends back for each. */
  readonly up: number;
  readonly down: number;
  readonly size: number;
  /** The backend's wait before its first message, ms. */
  readonly latencyMs: number;
  /** How the call ends; "reset": the backend breaks its stream off half way, "cancel": the caller leaves then. */
  readonly end: "ok" | "error" | "reset" | "cancel";
  /** Each message waits for the one before it to come back. */
  readonly inTurn: boolean;
}

const HEADER = 8;
/** What gRPC puts before each message. */
export const FRAME = 5;
/** The metadata in which a backend is told. */
export const PLAN = "x-plan";

/** Draws plans; the same seed draws the same. */
export function plans(random: () => number): () => Plan {
  let id = 0;
  const one = <T>(...of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  return () => {
    id++;
    const kind = random();
    const up = kind < 0.6 ? 1 : kind < 0.9 ? 1 + Math.floor(random() * 100) : kind < 0.99 ? 1_000 : 10_000;
    const size = up > 100 ? HEADER + Math.floor(random() * 100) : HEADER + Math.floor(10 ** (random() * 5));
    const end = random();
    const isReset = end >= 0.91 && end < 0.95;
    return {
      id,
      up,
      // Who resets gives back bytes, and knows of no messages.
      down: up > 100 || isReset ? 1 : one(1, 1, 2, 5),
      size,
      latencyMs: one(0, 0, 0, 1, 10, 50),
      end: end < 0.85 ? "ok" : end < 0.91 ? "error" : end < 0.95 ? "reset" : "cancel",
      inTurn: up <= 100 && random() < 0.3,
    };
  };
}

export function message(id: number, sequence: number, size: number): Buffer {
  const bytes = Buffer.alloc(size, sequence & 0xff);
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt32BE(sequence, 4);
  return bytes;
}

/** Says what is wrong with a message that should be that one; undefined if nothing is. */
export function flawOf(bytes: Buffer, id: number, sequence: number, size: number): string | undefined {
  if (bytes.length !== size) return `message ${sequence} has ${bytes.length} bytes, not ${size}`;
  if (bytes.readUInt32BE(0) !== id) return `message ${sequence} is of call ${bytes.readUInt32BE(0)}`;
  if (bytes.readUInt32BE(4) !== sequence) return `message ${bytes.readUInt32BE(4)} came in the place of ${sequence}`;
  return bytes.subarray(HEADER).every((byte) => byte === (sequence & 0xff))
    ? undefined
    : `message ${sequence} is garbled`;
}
