/** Shifts of two hosts on real stores: a breach that one host sees is back on both, and neither needs the other, or the store. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { ShiftsView } from "../../src/bridge/shift-desk.ts";
import { type SpawnedDaemon, spawnDaemon } from "../e2e/cli.ts";
import { type TempFolder, tempFolder } from "../e2e/temp-folder.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { startVersion, type Version } from "../load/version.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { missingForConsul, startConsul } from "../servers/consul.ts";
import { missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

/** From an order, or a breach, on, everywhere. */
const EVERYWHERE_MS = 2_000;
/** How long the store is away. */
const AWAY_MS = 8_000;

interface Store extends AsyncDisposable {
  /** As `control.store` has it. */
  readonly config: object;
  /** Without a word to its clients, and with the same data later. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

const stores: readonly (readonly [string, string | undefined, () => Promise<Store>])[] = [
  [
    "ZooKeeper",
    missingForZooKeeper(),
    async () => {
      const server = await startZooKeeper({ tickTime: 500 });
      const zkAddrs = [{ host: "127.0.0.1", port: server.port }];
      return Object.assign(server, { config: { kind: "io.l5d.zk", zkAddrs, sessionTimeoutMs: 4_000 } });
    },
  ],
  [
    "Kubernetes",
    missingForKubernetes(),
    async () => {
      const server = await startKubernetes({ controllers: false });
      const kubeconfig = join(server.folder, "shifts.kubeconfig");
      writeFileSync(kubeconfig, server.kubeconfig());
      return Object.assign(server, { config: { kind: "io.l5d.k8s", namespace: "default", kubeconfig } });
    },
  ],
  [
    "Consul",
    missingForConsul(),
    async () => {
      const server = await startConsul({ persistent: true });
      return Object.assign(server, { config: { kind: "io.l5d.consul", host: "127.0.0.1", port: server.port } });
    },
  ],
];

/** A process that is called as a host of its own, its callers, and the new version as they find it. */
class Host implements AsyncDisposable {
  readonly next: Version;
  readonly #folder: TempFolder;
  readonly #versions: AsyncDisposableStack;
  #daemon!: SpawnedDaemon;
  load = new OpenLoad({ port: 0, host: "users", perSecond: 0 });

  private constructor(next: Version, folder: TempFolder, versions: AsyncDisposableStack) {
    this.next = next;
    this.#folder = folder;
    this.#versions = versions;
  }

  static async open(name: string, store: object): Promise<Host> {
    await using stack = new AsyncDisposableStack();
    const [old, next] = [stack.use(await startVersion("old")), stack.use(await startVersion("new"))];
    const folder = stack.use(tempFolder());
    folder.write("disco/old", `127.0.0.1 ${old.port}\n`);
    folder.write("disco/new", `127.0.0.1 ${next.port}\n`);
    folder.write(
      "linkspan.yaml",
      `
admin: {port: 0}
workers: 1
snapshot: {path: ./state/snapshot}
control: {host: ${name}, override: ./override.yaml, store: ${JSON.stringify(store)}}
namers: [{kind: io.l5d.fs, rootDir: ./disco}]
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token, header: host}
  dtab: /svc/users => /#/io.l5d.fs/old
  servers: [{port: 0}]
`,
    );
    const host = new Host(next, folder, stack.move());
    await host.start();
    return host;
  }

  async start(): Promise<void> {
    this.#daemon = await spawnDaemon("linkspan.yaml", { cwd: this.#folder.path });
    await this.callAnew();
  }

  /** Other callers, who have seen nothing yet. */
  async callAnew(): Promise<void> {
    await this.load.stop();
    this.load = new OpenLoad({ port: this.#daemon.port, host: "users", perSecond: 100 });
    await waitUntil("its callers are served", 10_000, () => this.load.answers.length > 20);
  }

  /** As `kill -9` does. What its callers saw until then is thrown away. */
  async kill(): Promise<void> {
    await this.load.stop();
    await this.#daemon[Symbol.asyncDispose]();
  }

  logged(event: string): number {
    return this.#daemon.process.logged(event).length;
  }

  /** Of the last requests, which share the new version has answered. */
  get share(): number {
    const last = this.load.answers.slice(-40);
    return last.filter(({ body }) => body === "new").length / last.length;
  }

  override(text: string | undefined): void {
    if (text === undefined) rmSync(join(this.#folder.path, "override.yaml"));
    else this.#folder.write("override.yaml", text);
  }

  async order(verb: string, body: object): Promise<number> {
    const headers = { "content-type": "application/json" };
    const asked = { method: "POST", headers, body: JSON.stringify({ who: "ada", reason: "a test", ...body }) };
    return (await fetch(`http://127.0.0.1:${this.#daemon.adminPort}/api/shifts/${verb}`, asked)).status;
  }

  async view(): Promise<ShiftsView> {
    return (await (await fetch(`http://127.0.0.1:${this.#daemon.adminPort}/api/shifts`)).json()) as ShiftsView;
  }

  async stage(): Promise<string> {
    const { stage } = (await this.view()).shifts[0] ?? {};
    if (stage === undefined) return "none";
    return "step" in stage ? `${stage.state} ${stage.step}` : stage.state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#versions[Symbol.asyncDispose]();
  }
}

const plan = {
  path: "/svc/users",
  from: "/#/io.l5d.fs/old",
  to: "/#/io.l5d.fs/new",
  steps: [20, 50, 100],
  bakeMs: 600_000,
  guard: { minRequests: 20, p99Ratio: 1_000 },
};

/** Began on one, it is seen by the other; what only the other sees is a breach for both. */
async function breaches(t: TestContext, a: Host, b: Host): Promise<void> {
  assert.equal(await a.order("start", plan), 200);
  await waitUntil("a fifth is there on both", EVERYWHERE_MS, () => a.share > 0.02 && b.share > 0.02);
  assert.equal(await b.order("start", plan), 409, "it is begun already");
  const since = performance.now();
  b.next.isBad = true;
  await waitUntil("it is back where it was seen", 10_000, () => b.logged("shift.reverted") === 1);
  const seen = performance.now();
  await waitUntil("it is back on the other", EVERYWHERE_MS, () => a.logged("shift.reverted") === 1);
  const everywhere = performance.now();
  await letPass(EVERYWHERE_MS);
  const last = a.load.answers.findLast(({ body }) => body === "new")?.sentAt ?? 0;
  t.diagnostic(
    `seen after ${Math.round(seen - since)} ms, known on the other host ${Math.round(everywhere - seen)} ms later, ` +
      `its last request to it ${Math.round(last - seen)} ms after; ` +
      `${failed(b.load.answers).length} requests failed where it was bad, ${failed(a.load.answers).length} on the other`,
  );
  assert.ok(last < seen + EVERYWHERE_MS);
  assert.deepEqual(failed(a.load.answers), []);
  // A fifth of 100 a second until it is back, and four standard deviations.
  const expected = 20 * ((seen - since) / 1_000);
  assert.ok(failed(b.load.answers).length <= expected + 4 * Math.sqrt(expected) + 3);
  b.next.isBad = false;
  await b.callAnew();
  assert.equal(await a.order("ack", { name: "users" }), 200);
}

/** The one that began it is killed in the middle; the other one goes on, and the first follows when it is back. */
async function leadsOn(a: Host, b: Host): Promise<void> {
  await waitUntil("both know that it is over", EVERYWHERE_MS, async () => (await b.stage()) === "rolled-back 0");
  await waitUntil("it begins", 10_000, async () => (await a.order("start", { ...plan, bakeMs: 2_000 })) === 200);
  await waitUntil("half is there", 60_000, async () => (await b.stage()) === "running 1");
  await a.kill();
  await waitUntil("the other one leads on", 60_000, async () => (await b.stage()) === "done 2");
  await waitUntil("all is there", EVERYWHERE_MS, () => b.share === 1);
  await a.start();
  await waitUntil("the first one follows", EVERYWHERE_MS, () => a.share === 1);
  assert.equal(await a.order("ack", { name: "users" }), 409, "the dtab leads back");
  assert.equal(await a.order("ack", { name: "users", force: true }), 200);
  await waitUntil("the dtab rules", EVERYWHERE_MS, () => a.share === 0 && b.share === 0);
}

/** What was ordered last stays in force while the store is away; each host can be told by its own file. */
async function staysWithoutStore(t: TestContext, store: Store, a: Host, b: Host): Promise<void> {
  const half = { ...plan, steps: [50, 100] };
  await waitUntil("it begins", 10_000, async () => (await b.order("start", half)) === 200);
  await waitUntil("half is there", EVERYWHERE_MS, () => a.share > 0.2 && b.share > 0.2);
  await store.kill();
  await letPass(AWAY_MS);
  for (const host of [a, b]) {
    assert.ok(host.share > 0.2 && host.share < 0.8, `${host.share}`);
    await waitUntil("it says so", 15_000, async () => ["stale", "failed"].includes((await host.view()).store.state));
  }
  assert.equal(await a.order("pause", { name: "users" }), 424);
  b.override("users: rollback\n");
  await waitUntil("the file is obeyed", EVERYWHERE_MS, () => b.share === 0);
  assert.ok(a.share > 0.2, "on that host alone");
  const since = performance.now();
  await store.start();
  await waitUntil("both have the store again", 60_000, async () => {
    const states = await Promise.all([a, b].map(async (host) => (await host.view()).store.state));
    return states.every((state) => state === "ok");
  });
  t.diagnostic(`the store is known to be back after ${Math.round(performance.now() - since)} ms`);
  b.override(undefined);
  await waitUntil("the order is obeyed again", EVERYWHERE_MS, () => b.share > 0.2);
  assert.equal(await b.order("rollback", { name: "users" }), 200);
  await waitUntil("it is back everywhere", EVERYWHERE_MS, () => a.share === 0 && b.share === 0);
}

describe("a shift of two hosts", { timeout: 1_200_000 }, () => {
  for (const [name, missing, start] of stores) {
    it(`is one on ${name}: a breach on one, an end of one, and a store that is away`, async (t) => {
      if (!requireServer(t, missing)) return;
      await using store = await start();
      await using a = await Host.open("host-a", store.config);
      await using b = await Host.open("host-b", store.config);
      await breaches(t, a, b);
      await leadsOn(a, b);
      await staysWithoutStore(t, store, a, b);
      for (const host of [a, b]) {
        await host.load.stop();
        assert.deepEqual(failed(host.load.answers), []);
        assert.equal(host.logged("bug"), 0);
      }
    });
  }
});
