/** ZooKeeper's records and numbers on the wire. Longs stay bigint: zxids and session ids use all 64 bits. */
import { JuteWriter, type JuteReader } from "./jute.ts";

/** What ZooKeeper knows of a node beside its data. Times are epoch ms. */
export interface ZkStat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  /** The session that owns an ephemeral node; 0 for others. */
  readonly ephemeralOwner: bigint;
  readonly dataLength: number;
  readonly numChildren: number;
  readonly pzxid: bigint;
}

export const Op = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  removeWatches: 18,
  createContainer: 19,
  createTtl: 21,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  setWatches2: 105,
  addWatch: 106,
  closeSession: -11,
} as const;

export const Xid = { watch: -1, ping: -2, auth: -4, setWatches: -8 } as const;

/** Event types of a notification. */
export const EventType = { created: 1, deleted: 2, changed: 3, childrenChanged: 4 } as const;

export interface ConnectRequest {
  readonly lastZxid: bigint;
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly readOnly: boolean;
}

/** `timeoutMs` 0 or less: the session asked for is expired. */
export interface ConnectResponse {
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  readonly readOnly: boolean;
}

export function connectRequest(request: ConnectRequest): Buffer {
  const writer = new JuteWriter(64).int(0).long(request.lastZxid).int(request.timeoutMs).long(request.sessionId);
  return writer.buffer(request.password).boolean(request.readOnly).done();
}

/** Servers before 3.4 leave the read-only flag out. */
export function readConnectResponse(reader: JuteReader): ConnectResponse {
  reader.int();
  const timeoutMs = reader.int();
  const sessionId = reader.long();
  const password = reader.buffer() ?? Buffer.alloc(16);
  const readOnly = reader.remaining > 0 && reader.boolean();
  return { timeoutMs, sessionId, password, readOnly };
}

export function readStat(reader: JuteReader): ZkStat {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: Number(reader.long()),
    mtime: Number(reader.long()),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  };
}

/** Who may do what: `permissions` is a sum of read 1, write 2, create 4, delete 8, admin 16. */
export interface ZkAcl {
  readonly permissions: number;
  readonly scheme: string;
  readonly id: string;
}

/** Anyone may do anything. */
export const openAcl: readonly ZkAcl[] = [{ permissions: 31, scheme: "world", id: "anyone" }];

export function writeAcl(writer: JuteWriter, acl: readonly ZkAcl[]): void {
  writer.vector(acl, (entry) => writer.int(entry.permissions).string(entry.scheme).string(entry.id));
}

/** A frame: four bytes of length, then the record. */
export function frame(record: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(4 + record.length);
  bytes.writeInt32BE(record.length, 0);
  record.copy(bytes, 4);
  return bytes;
}
