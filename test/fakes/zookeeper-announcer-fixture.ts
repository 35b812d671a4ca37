/** An announcer over a ZooKeeper of any make, in a tree of its own: what the contract of announcers asks for. */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import type { EntryFormat } from "../../namers/zookeeper/entry-format.ts";
import { JuteReader } from "../../namers/zookeeper/jute.ts";
import { makeParents } from "../../namers/zookeeper/parents.ts";
import { readConnectResponse } from "../../namers/zookeeper/records.ts";
import { ZkAnnouncer } from "../../namers/zookeeper/zk-announcer.ts";
import { isZkError } from "../../namers/zookeeper/zk-error.ts";
import type { Announcer, Dialer } from "../../src/plugin.ts";
import type { AnnouncerFixture, AnnouncerFixtureOptions, SeenEntry } from "../../src/testing/announcer-contract.ts";
import { socketDialer, testContext } from "../../src/testing/plugin-context.ts";
import { clearTrees } from "./cleared-tree.ts";
import { closeSession, type SessionKey } from "./close-session.ts";
import { CutProxy } from "./cut-proxy.ts";

/** How a plain reader and writer of the registry sees entries. */
export interface PlainEntries {
  readonly format: EntryFormat;
  readonly mode: "ephemeral" | "ephemeral_sequential";
  /** Of something that no announcer writes. */
  readonly name: string;
  write(service: string, entry: SeenEntry): Buffer;
  /** `undefined` where nothing can be called. */
  read(data: Buffer): SeenEntry | undefined;
}

interface Daemon {
  readonly announcer: ZkAnnouncer;
  readonly proxy: CutProxy;
  /** Of all sessions that it was granted, by id. */
  readonly sessions: Map<bigint, SessionKey>;
}

export interface ZkAnnouncerFixtureOptions extends AnnouncerFixtureOptions {
  readonly sessionTimeoutMs?: number;
}

/** `port` is where the server listens on 127.0.0.1. */
export async function zookeeperAnnouncerFixture(
  port: number,
  plain: PlainEntries,
  { clock, log, sessionTimeoutMs = 4_000 }: ZkAnnouncerFixtureOptions,
): Promise<AnnouncerFixture> {
  const tag = randomUUID().slice(0, 8);
  const base = `/services-${tag}`;
  const electionPath = `/elections-${tag}`;
  const daemons = new Map<Announcer, Daemon>();
  const open = async (): Promise<ZkAnnouncer> => {
    const proxy = await CutProxy.before(port);
    const sessions = new Map<bigint, SessionKey>();
    const context = testContext({ clock, log, dial: heardBy((each) => void sessions.set(each.sessionId, each)) });
    const connectString = `127.0.0.1:${proxy.port}`;
    const places = { base, electionPath };
    const announcer = new ZkAnnouncer({ connectString, sessionTimeoutMs, ...places }, plain.format, context);
    daemons.set(announcer, { announcer, proxy, sessions });
    return announcer;
  };
  const witness = new ZkClient({ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 10_000 }, testContext());
  witness.start();
  const each = (work: (daemon: Daemon) => Promise<unknown>): Promise<void> =>
    Promise.all([...daemons.values()].map(work)).then(() => undefined);
  return {
    announcer: await open(),
    another: open,
    seen: (service) => seenBy(witness, `${base}/${service}`, plain),
    async native(service, entry) {
      await makeParents(witness, `${base}/${service}`, "persistent");
      await witness.create(`${base}/${service}/${plain.name}`, plain.write(service, entry), plain.mode);
    },
    async expire(announcer) {
      const sessions = [...(daemons.get(announcer)?.sessions.values() ?? [])];
      await Promise.all(sessions.map((session) => closeSession(`127.0.0.1:${port}`, session)));
    },
    die: async (announcer) => daemons.get(announcer)?.proxy.cut(),
    down: () => each(({ proxy }) => proxy.cut()),
    up: () => each(({ proxy }) => proxy.mend()),
    connections: () => [...daemons.values()].reduce((sum, { proxy }) => sum + proxy.connections, 0),
    async [Symbol.asyncDispose]() {
      await each(({ announcer }) => announcer[Symbol.asyncDispose]());
      await each(({ proxy }) => proxy[Symbol.asyncDispose]());
      await witness.close();
      await clearTrees(port, base, electionPath);
    },
  };
}

async function seenBy(witness: ZkClient, place: string, plain: PlainEntries): Promise<readonly SeenEntry[]> {
  try {
    const { children } = await witness.getChildren(place);
    const read = async (name: string): Promise<SeenEntry | undefined> => {
      try {
        return plain.read((await witness.getData(`${place}/${name}`)).data);
      } catch (error) {
        if (isZkError(error, "NO_NODE")) return undefined;
        throw error;
      }
    };
    return (await Promise.all(children.map(read))).filter((entry) => entry !== undefined);
  } catch (error) {
    if (isZkError(error, "NO_NODE")) return [];
    throw error;
  }
}

const FRAME_BYTES = 4;

/** Plain sockets, whose first answer is the session that was granted. */
function heardBy(granted: (session: SessionKey) => void): Dialer {
  return {
    async connect(...about) {
      const socket: Duplex = await socketDialer.connect(...about);
      socket.once("data", (bytes: Buffer) => granted(readConnectResponse(new JuteReader(bytes.subarray(FRAME_BYTES)))));
      return socket;
    },
  } satisfies Dialer;
}
