/** The bodies of ZooKeeper's operations on nodes, and of their replies. */
import type { JuteReader, JuteWriter } from "./jute.ts";
import { Op, openAcl, readStat, writeAcl, type ZkAcl, type ZkStat } from "./records.ts";
import { ZkError } from "./zk-error.ts";

export type CreateMode = "persistent" | "ephemeral" | "persistent_sequential" | "ephemeral_sequential" | "container";

export interface CreateOptions {
  /** Anyone may do anything by default. */
  readonly acl?: readonly ZkAcl[];
  /** A persistent node without children goes when it was not changed for so long. */
  readonly ttlMs?: number;
}

export interface ZkData {
  /** A node without data reads as empty. */
  readonly data: Buffer;
  readonly stat: ZkStat;
}

export interface ZkChildren {
  readonly children: readonly string[];
  readonly stat: ZkStat;
}

const flags: Readonly<Record<CreateMode, number>> = {
  persistent: 0,
  ephemeral: 1,
  persistent_sequential: 2,
  ephemeral_sequential: 3,
  container: 4,
};
const TTL_FLAG = { persistent: 5, persistent_sequential: 6 } as const;

/** The operation that makes such a node. */
export function createOperation(mode: CreateMode, options: CreateOptions): number {
  if (options.ttlMs !== undefined) return Op.createTtl;
  return mode === "container" ? Op.createContainer : Op.create;
}

export function writeCreate(
  writer: JuteWriter,
  path: string,
  data: Uint8Array,
  mode: CreateMode,
  options: CreateOptions,
): void {
  writer.string(path).buffer(data);
  writeAcl(writer, options.acl ?? openAcl);
  if (options.ttlMs === undefined) {
    writer.int(flags[mode]);
    return;
  }
  if (mode !== "persistent" && mode !== "persistent_sequential")
    throw new ZkError("BAD_ARGUMENTS", `a node of mode ${mode} has no time to live`);
  writer.int(TTL_FLAG[mode]).long(BigInt(options.ttlMs));
}

export function readData(reader: JuteReader): ZkData {
  const data = reader.buffer() ?? Buffer.alloc(0);
  return { data, stat: readStat(reader) };
}

export function readChildren(reader: JuteReader): ZkChildren {
  const children = reader.vector(() => reader.string());
  return { children, stat: readStat(reader) };
}
