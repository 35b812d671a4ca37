/** ZooKeeper's protocol as a trouble proxy reads it along: which request is answered, and what a wrong answer looks like. */
import { FrameReader } from "../../namers/zookeeper/frame-reader.ts";
import { type ConnectResponse, frame, Op, readConnectResponse } from "../../namers/zookeeper/records.ts";
import { JuteReader } from "../../namers/zookeeper/jute.ts";
import type { Lie, MakeWire, Wire } from "./trouble-proxy.ts";

const LARGEST = 4 * 1024 * 1024;
/** xid, zxid, error. */
const HEADER_BYTES = 16;
const STAT_BYTES = 68;
/** SystemError, NoAuth, ThrottledOp. */
const errors: Partial<Record<Lie, number>> = { "500": -1, "403": -102, "429": -127 };
const READS: ReadonlySet<number> = new Set([Op.exists, Op.getData, Op.getChildren2, Op.addWatch]);

/** Reads are answered wrongly, everything else is left as it is. `welcomed` hears of each session that a server gave or renewed. */
export function zooKeeperWire(welcomed: (session: ConnectResponse) => void = () => undefined): MakeWire {
  return (lie) => new ZooKeeperWire(lie, welcomed);
}

class ZooKeeperWire implements Wire {
  readonly #lie: () => Lie | undefined;
  readonly #asked = new FrameReader(LARGEST);
  readonly #answers = new FrameReader(LARGEST);
  /** Operations by xid, of what is not answered yet. */
  readonly #ops = new Map<number, number>();
  #isGreeted = false;
  #isWelcomed = false;

  readonly #welcomed: (session: ConnectResponse) => void;

  constructor(lie: () => Lie | undefined, welcomed: (session: ConnectResponse) => void) {
    this.#lie = lie;
    this.#welcomed = welcomed;
  }

  said(bytes: Buffer): Buffer {
    this.#asked.push(bytes);
    for (let next = this.#asked.next(); next; next = this.#asked.next()) {
      // The first frame is the handshake.
      if (this.#isGreeted) this.#ops.set(next.readInt32BE(0), next.readInt32BE(4));
      this.#isGreeted = true;
    }
    return bytes;
  }

  answered(bytes: Buffer): { readonly bytes: Buffer; readonly broken?: boolean } {
    this.#answers.push(bytes);
    const out: Buffer[] = [];
    for (let next = this.#answers.next(); next; next = this.#answers.next()) {
      const answer = Buffer.from(next);
      const isHandshake = !this.#isWelcomed;
      if (isHandshake) this.#welcomed(readConnectResponse(new JuteReader(answer)));
      this.#isWelcomed = true;
      const made = isHandshake ? frame(answer) : this.#judged(answer);
      if (made === undefined) {
        const half = frame(answer);
        return { bytes: Buffer.concat([...out, half.subarray(0, half.length >> 1)]), broken: true };
      }
      out.push(made);
    }
    return { bytes: Buffer.concat(out) };
  }

  /** `undefined`: it is cut in its middle. */
  #judged(answer: Buffer): Buffer | undefined {
    const xid = answer.readInt32BE(0);
    const op = this.#ops.get(xid) ?? 0;
    this.#ops.delete(xid);
    const lie = this.#lie();
    if (lie === undefined || !READS.has(op)) return frame(answer);
    if (lie === "truncated") return undefined;
    const error = errors[lie];
    if (error !== undefined) {
      const refused = Buffer.from(answer.subarray(0, HEADER_BYTES));
      refused.writeInt32BE(error, HEADER_BYTES - 4);
      return frame(refused);
    }
    if (op !== Op.getChildren2 || answer.length < HEADER_BYTES + STAT_BYTES) return frame(answer);
    const stat = answer.subarray(answer.length - STAT_BYTES);
    return frame(Buffer.concat([answer.subarray(0, HEADER_BYTES), Buffer.alloc(4), stat]));
  }
}
