/** Stores of every kind behind a proxy that can be cut, each fixture with a collection of its own. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consulStore } from "../../namers/consul/index.ts";
import { fsStore } from "../../namers/fs/index.ts";
import { k8sStore } from "../../namers/kubernetes/index.ts";
import { zkStore } from "../../namers/zookeeper/stores.ts";
import type { DocumentStore } from "../../src/base/document-store.ts";
import type { Plugin, StoreContext } from "../../src/config/plugin.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { CutProxy } from "./cut-proxy.ts";
import type { StoreFixture } from "./store-contract.ts";

const contextWith = (over: Partial<StoreContext> = {}): StoreContext => ({
  ...testContext(),
  collection: `shifts-${randomUUID().slice(0, 8)}`,
  ...over,
});

async function openPlugin<C>(
  plugin: Plugin<"store", C>,
  config: object,
  context: StoreContext,
): Promise<DocumentStore> {
  return plugin.create(plugin.schema.parse(config), context);
}

export async function folderStore(): Promise<StoreFixture> {
  const baseDir = await mkdtemp(join(tmpdir(), "linkspan-store-"));
  const context = contextWith({ baseDir });
  return {
    open: () => openPlugin(fsStore, { folder: "documents" }, context),
    [Symbol.asyncDispose]: () => rm(baseDir, { recursive: true, force: true }),
  };
}

/** `port` is where the server listens on 127.0.0.1; `ended` closes what was started for it. */
async function behindProxy(
  port: number,
  open: (port: number) => Promise<DocumentStore>,
  ended: () => Promise<void>,
): Promise<StoreFixture> {
  const proxy = await CutProxy.before(port);
  return {
    open: () => open(proxy.port),
    outage: { down: () => proxy.cut(), up: () => proxy.mend() },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await ended();
    },
  };
}

const nothing = async (): Promise<void> => undefined;

export function zookeeperStore(port: number, ended = nothing): Promise<StoreFixture> {
  const context = contextWith();
  const open = (at: number): Promise<DocumentStore> =>
    openPlugin(zkStore, { zkAddrs: [{ host: "127.0.0.1", port: at }], sessionTimeoutMs: 4_000 }, context);
  return behindProxy(port, open, ended);
}

export function consulStoreAt(port: number, ended = nothing): Promise<StoreFixture> {
  const context = contextWith();
  return behindProxy(port, (at) => openPlugin(consulStore, { host: "127.0.0.1", port: at }, context), ended);
}

/** `access` says how the server at a port is reached. */
export function kubernetesStore(
  port: number,
  access: (port: number) => object,
  over: Partial<StoreContext> = {},
  ended = nothing,
): Promise<StoreFixture> {
  const context = contextWith(over);
  return behindProxy(port, (at) => openPlugin(k8sStore, { namespace: "default", ...access(at) }, context), ended);
}
