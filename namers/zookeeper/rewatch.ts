/** Arms watches again on a new connection, in packets that every server accepts. */
import { type Clock, type Random, sleep } from "linkspan/plugin";
import type { Connection } from "./connection.ts";
import { JuteWriter } from "./jute.ts";
import { Op, Xid } from "./records.ts";
import type { WatchedPaths, WatchKind, WatchRegistry } from "./watches.ts";
import { isZkError, ZkError, zkErrorOf } from "./zk-error.ts";

/** A server ends the connection at a request above its jute.maxbuffer, 1 MiB by default. */
const MAX_PACKET_BYTES = 120_000;
const MAX_PAUSE_MS = 20;

const oneTime = ["data", "exists", "children"] as const satisfies WatchKind[];
const persistent = ["persistent", "recursive"] as const satisfies WatchKind[];

export interface Rewatch {
  readonly connection: Connection;
  readonly registry: WatchRegistry;
  /** What changed after it is told as an event by the server. */
  readonly armFrom: bigint;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts when the connection ends. */
  readonly signal: AbortSignal;
}

/**
 * Persistent watches are told `renewed`, what the server refuses `lost`. Whether all were dealt with: not when the
 * connection ends before.
 */
export async function rewatch(work: Rewatch): Promise<boolean> {
  const watched = work.registry.paths();
  try {
    for (const packet of packets(watched, persistent)) await armPersistent(work, packet);
    for (const packet of packets(watched, oneTime)) await armOneTime(work, packet);
    return !work.connection.ended;
  } catch (error) {
    work.connection.end(error as Error);
    return false;
  }
}

/** The paths of `kinds`, cut so that each packet is below the limit. */
export function* packets(watched: WatchedPaths, kinds: readonly WatchKind[]): Generator<WatchedPaths> {
  let packet = emptyPacket();
  let bytes = 0;
  for (const kind of kinds) {
    for (const path of watched[kind]) {
      const size = 4 + Buffer.byteLength(path);
      if (bytes > 0 && bytes + size > MAX_PACKET_BYTES) {
        yield packet;
        packet = emptyPacket();
        bytes = 0;
      }
      packet[kind].push(path);
      bytes += size;
    }
  }
  if (bytes > 0) yield packet;
}

function emptyPacket(): Record<WatchKind, string[]> {
  return { data: [], exists: [], children: [], persistent: [], recursive: [] };
}

async function armOneTime(work: Rewatch, packet: WatchedPaths): Promise<void> {
  if (await arm(work, Op.setWatches, packet)) return;
  for (const kind of oneTime) for (const path of packet[kind]) work.registry.lost(kind, path);
}

async function armPersistent(work: Rewatch, packet: WatchedPaths): Promise<void> {
  const armed = await arm(work, Op.setWatches2, packet);
  for (const kind of persistent) {
    for (const path of packet[kind]) {
      if (armed) work.registry.renewed(kind, path);
      else work.registry.lost(kind, path);
    }
  }
}

/** Whether the server did it. */
async function arm(work: Rewatch, op: number, packet: WatchedPaths): Promise<boolean> {
  const writer = new JuteWriter(1024).long(work.armFrom);
  const kinds = op === Op.setWatches2 ? [...oneTime, ...persistent] : oneTime;
  for (const kind of kinds) writer.vector(packet[kind], (path) => writer.string(path));
  try {
    await request(work.connection, op, writer.done());
  } catch (error) {
    if (isZkError(error, "CONNECTION_LOSS")) throw error;
    return false;
  }
  // Watches that fire at once make their owners read; a pause lets those reads through between two packets.
  await sleep(work.clock, work.random.next() * MAX_PAUSE_MS, work.signal);
  return true;
}

function request(connection: Connection, op: number, body: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const what = "setWatches";
  const answer = {
    what,
    answered: (error: number) => (error === 0 ? resolve() : reject(zkErrorOf(error, what))),
    lost: (cause: Error) => reject(new ZkError("CONNECTION_LOSS", what, { cause })),
  };
  connection.send(op, body, answer, Xid.setWatches);
  return promise;
}
