/** An announcer over a ZooKeeper of any make, in a tree of its own: of Curator unless it is said. */
import { randomUUID } from "node:crypto";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import type { EntryFormat } from "../../namers/zookeeper/entry-format.ts";
import { ZkAnnouncer } from "../../namers/zookeeper/zk-announcer.ts";
import type { Instance, Owner, PluginContext } from "../../src/plugin.ts";
import { testContext } from "../../src/testing/plugin-context.ts";

export const owner: Owner = { group: "users-to-legacy", member: "m-1" };

/** An instance of a pod, as a mirror would put it. */
export const pod = (n: number, more: Partial<Instance> = {}): Instance => ({
  id: `pod-${n}`,
  host: "127.0.0.1",
  port: 8000 + n,
  weight: 1,
  ready: true,
  origin: { registry: "io.l5d.k8s", cluster: "shop" },
  ...more,
});

export interface AnnouncerFixture extends AsyncDisposable {
  readonly announcer: ZkAnnouncer;
  /** Reads and writes beside the announcer. */
  readonly witness: ZkClient;
  readonly base: string;
  /** Another announcer at the same place. */
  another(): ZkAnnouncer;
}

export async function openAnnouncer(
  connectString: string,
  given: Partial<PluginContext> & { readonly sessionTimeoutMs?: number; readonly format?: EntryFormat } = {},
): Promise<AnnouncerFixture> {
  const { format = curatorEntries } = given;
  const context = testContext(given);
  const base = `/services-${randomUUID().slice(0, 8)}`;
  const sessionTimeoutMs = given.sessionTimeoutMs ?? 4_000;
  const electionPath = `/elections-${randomUUID().slice(0, 8)}`;
  const another = (): ZkAnnouncer =>
    new ZkAnnouncer({ connectString, sessionTimeoutMs, base, electionPath }, format, context);
  const announcer = another();
  const witness = new ZkClient({ connectString, sessionTimeoutMs: 10_000 }, testContext());
  witness.start();
  return {
    announcer,
    witness,
    base,
    another,
    async [Symbol.asyncDispose]() {
      await announcer[Symbol.asyncDispose]();
      await witness.close();
    },
  };
}
