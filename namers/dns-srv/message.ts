/** Questions to name servers and their answers, as bytes and as data. */
import { type Answer as DecodedRecord, decode, encode, RECURSION_DESIRED } from "dns-packet";

export type QuestionType = "SRV" | "A" | "AAAA";

export interface Question {
  /** Without a dot at its end. */
  readonly name: string;
  readonly type: QuestionType;
}

/** Numbers of RFC 1035 §4.1.1. */
export const Rcode = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5 } as const;

export interface SrvRecord {
  readonly type: "SRV";
  readonly name: string;
  readonly ttlMs: number;
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** In lower case; the empty text for the root, which says that the service is not available here. */
  readonly target: string;
}

export interface AddressRecord {
  readonly type: "A" | "AAAA";
  readonly name: string;
  readonly ttlMs: number;
  readonly address: string;
}

interface AliasRecord {
  readonly type: "CNAME";
  readonly name: string;
  readonly ttlMs: number;
  readonly target: string;
}

export type DnsRecord = SrvRecord | AddressRecord | AliasRecord;

/** One message of a server. Names are in lower case. */
export interface Reply {
  readonly rcode: number;
  readonly isTruncated: boolean;
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** For how long a negative answer holds (RFC 2308 §5); undefined where the server does not say. */
  readonly negativeTtlMs: number | undefined;
}

/** What the largest UDP message may have without being cut into fragments on common networks. */
const UDP_BYTES = 1232;
const MAX_TTL_S = 0x7fff_ffff;
const RESPONSE = 0x80;
const OPCODE = 0x78;

export function encodeQuestion(id: number, { name, type }: Question, withEdns: boolean): Uint8Array {
  const opt = { type: "OPT", name: ".", udpPayloadSize: UDP_BYTES, flags: 0, options: [] } as never;
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: "IN" }],
    additionals: withEdns ? [opt] : [],
  });
}

/** Undefined for whatever is no answer to this very question; throws where it is one and cannot be read. */
export function decodeReply(bytes: Uint8Array, id: number, { name, type }: Question): Reply | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 12 || buffer.readUInt16BE(0) !== id) return undefined;
  const flags = buffer.readUInt8(2);
  if ((flags & RESPONSE) === 0 || (flags & OPCODE) !== 0) return undefined;
  const rcode = buffer.readUInt8(3) & 0x0f;
  const { questions = [], answers = [], authorities = [], additionals = [], flag_tc: isTruncated } = decode(buffer);
  const [asked, more] = questions;
  // Who cannot read a question may leave it out of the answer that says so.
  const isUnread = asked === undefined && rcode === Rcode.formErr;
  const isSame = asked !== undefined && more === undefined && asked.type === type && lower(asked.name) === lower(name);
  if (!isSame && !isUnread) return undefined;
  return {
    rcode,
    isTruncated,
    answers: answers.flatMap(recordOf),
    additionals: additionals.flatMap(recordOf),
    negativeTtlMs: negativeTtl(authorities),
  };
}

function recordOf(record: DecodedRecord): readonly DnsRecord[] {
  if (!("class" in record) || record.class !== "IN" || !("ttl" in record)) return [];
  const about = { name: lower(record.name), ttlMs: ttlMs(record.ttl) };
  if (record.type === "SRV") {
    const { priority = 0, weight = 0, port, target } = record.data;
    return [{ type: "SRV", ...about, priority, weight, port, target: lower(target) }];
  }
  if (record.type === "A" || record.type === "AAAA") return [{ type: record.type, ...about, address: record.data }];
  return record.type === "CNAME" ? [{ type: "CNAME", ...about, target: lower(record.data) }] : [];
}

function negativeTtl(authorities: readonly DecodedRecord[]): number | undefined {
  for (const record of authorities) {
    if (record.type !== "SOA") continue;
    return Math.min(ttlMs(record.ttl), ttlMs(record.data.minimum));
  }
  return undefined;
}

/** A number whose highest bit is set is none (RFC 2181 §8). */
const ttlMs = (seconds: number | undefined): number =>
  seconds === undefined || seconds > MAX_TTL_S ? 0 : seconds * 1000;

/** Without the dot of the root. */
const lower = (name: string): string => (name === "." ? "" : name.toLowerCase());
