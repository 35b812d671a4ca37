// Mirrors in whole daemons: files to Curator, Curator to Kubernetes, a restart, two daemons, and the gateway.
import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import { connectProxy } from "../fakes/connect-proxy.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { endpointsOf } from "../fakes/kubernetes-announcer-fixture.ts";
import { FakeKubernetes } from "../fakes/kubernetes.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { waitUntil } from "../load/wait-until.ts";
import { freePort } from "../servers/free-port.ts";
import { runCli, spawnDaemon, spawnCli } from "./cli.ts";
import { startDaemon } from "./daemon.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

interface Entry {
  readonly id: string;
  readonly address: string;
  readonly port: number;
}

const USERS = "/services/users";

function entries(zookeeper: FakeZooKeeper, path = USERS): readonly Entry[] {
  return zookeeper.children(path).flatMap((name) => {
    const text = zookeeper.get(`${path}/${name}`);
    return text === undefined ? [] : [JSON.parse(text) as Entry];
  });
}

const ports = (zookeeper: FakeZooKeeper, path = USERS): readonly number[] =>
  entries(zookeeper, path)
    .map(({ port }) => port)
    .toSorted((a, b) => a - b);

const namers = (zookeeper: FakeZooKeeper, folder: TempFolder): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: ${folder.path}/disco}
- {kind: io.l5d.curator, zkAddrs: "${zookeeper.connectString}", basePath: /services, sessionTimeoutMs: 4000}
`;

const toLegacy = (zookeeper: FakeZooKeeper, folder: TempFolder, more = ""): string => `${namers(zookeeper, folder)}
mirrors:
- name: users-to-legacy
  from: /#/io.l5d.fs/users
  to: {kind: io.l5d.curator, path: ${USERS}}
  probe: false
  interval: 200ms
${more}`;

const router = "routers: [{protocol: http, dtab: /svc => /#/io.l5d.fs, servers: [{port: 0}]}]\n";

describe("a mirror", { timeout: 300_000 }, () => {
  it("publishes files to Curator's clients, follows them, and shows how it fares", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    using folder = tempFolder({ "disco/users": "127.0.0.1 8001\n127.0.0.1 8002\n" });
    await using daemon = await startDaemon(toLegacy(zookeeper, folder, router));
    await waitUntil("both are published", 10_000, () => ports(zookeeper).join() === "8001,8002");
    folder.write("disco/users", "127.0.0.1 8002\n127.0.0.1 8003\n");
    await waitUntil("the change is", 5_000, () => ports(zookeeper).join() === "8002,8003");
    const admin = ["--admin", daemon.adminUrl];
    const told = await runCli(["mirror", "status", ...admin]);
    assert.match(told.out, /^users-to-legacy +leading +1 +2 +0 +0 +0 +0 +0/m);
    assert.equal(told.code, 0);
    const answer = (await (await fetch(`${daemon.adminUrl}/api/mirrors?search=nothing`)).json()) as {
      mirrors: { targets: unknown[] }[];
      matching: number;
    };
    assert.deepEqual([answer.mirrors.length, answer.mirrors[0]?.targets, answer.matching], [1, [], 0]);
    const metrics = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
    assert.match(metrics, /linkspan_mirror_entries\{mirror="users-to-legacy",state="published"\} 2/);
    const approved = await runCli(["mirror", "approve", "users-to-legacy", ...admin]);
    assert.deepEqual([approved.code, approved.out], [1, "Nothing is held of users-to-legacy.\n"]);
    const none = await runCli(["mirror", "approve", "users", ...admin]);
    assert.match(none.err, /there is no mirror users/);
    const foreign = { method: "POST", headers: { origin: "http://elsewhere.example" } };
    assert.equal((await fetch(`${daemon.adminUrl}/admin/mirrors/approve`, foreign)).status, 403);
  });

  it("is planned as a difference, applied, and leaves nothing to be made", async () => {
    await using kubernetes = await FakeKubernetes.start();
    using folder = tempFolder({ "disco/orders": "10.1.0.1 8001\n10.1.0.2 8002\n" });
    const file = folder.write(
      "linkspan.yaml",
      `
admin: {port: 0}
namers:
- {kind: io.l5d.fs, rootDir: ./disco}
- {kind: io.l5d.k8s, host: 127.0.0.1, port: ${kubernetes.port}}
mirrors:
- name: orders-to-k8s
  from: /#/io.l5d.fs/orders
  to: {kind: io.l5d.k8s, namespace: shop, service: orders, ports: [{name: http, port: 80}]}
  probe: false
`,
    );
    const planned = await runCli(["mirror", "plan", file]);
    assert.equal(planned.code, 1, planned.out + planned.err);
    assert.match(planned.out, /^orders-to-k8s\n.*\+ .*Service/s);
    assert.match(planned.out, /\d+ to create, 0 to change, 0 to delete, 0 held\.$/m);
    assert.deepEqual(kubernetes.history.all("services"), []);
    const dry = JSON.parse((await runCli(["mirror", "apply", file, "--dry-run", "--json"])).out) as {
      mirrors: { totals: { create: number } }[];
    };
    assert.ok((dry.mirrors[0]?.totals.create ?? 0) > 0);
    const applied = await runCli(["mirror", "apply", file]);
    assert.equal(applied.code, 0, applied.out + applied.err);
    assert.match(applied.out, /2 written, 0 deleted/);
    const seen = kubernetes.history.all("endpointslices").flatMap((slice) => endpointsOf(slice, "orders"));
    assert.deepEqual(seen.map(({ port }) => port).toSorted(), [8001, 8002]);
    const again = await runCli(["mirror", "plan", file]);
    // What an earlier run wrote is taken over, and nothing of it made or deleted.
    assert.match(again.out, /^0 to create, \d to change, 0 to delete, 0 held\.$/m);
    const lease = kubernetes.history.find("leases", "shop", "linkspan-orders-to-k8s");
    assert.ok(lease);
    const { spec } = lease as unknown as { readonly spec: object };
    kubernetes.put({ ...lease, spec: { ...spec, renewTime: "2020-01-01T00:00:00.000000Z" } } as typeof lease);
    const claimed = kubernetes.asked.filter((each) => each.startsWith("PUT") && each.includes("/leases/")).length;
    const orphaned = await runCli(["mirror", "plan", file]);
    const claims = kubernetes.asked.filter((each) => each.startsWith("PUT") && each.includes("/leases/"));
    assert.equal(claims.length, claimed, "a plan claims no lease");
    assert.match(orphaned.out, /! orphaned: 2 of orders-to-k8s, whose lease ended 2020-01-01T00:00:01/);
    const other = await runCli(["mirror", "plan", file, "--mirror", "orders-to-k9s"]);
    assert.match(other.err, /there is no mirror orders-to-k9s .*did you mean orders-to-k8s/);
    const withdrawn = await runCli(["mirror", "withdraw", file]);
    assert.equal(withdrawn.code, 0, withdrawn.out + withdrawn.err);
    assert.match(withdrawn.out, /^orders-to-k8s\n {2}2 deleted$/m);
    assert.deepEqual(kubernetes.history.all("endpointslices"), []);
    assert.deepEqual(kubernetes.history.all("services"), []);
  });

  it("publishes Curator's services in Kubernetes", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    await using kubernetes = await FakeKubernetes.start();
    using folder = tempFolder();
    zookeeper.set("/services/orders/i-1", curatorJson("orders", { id: "i-1", host: "10.1.0.1", port: 9001 }));
    await using _ = await startDaemon(`${namers(zookeeper, folder)}
- {kind: io.l5d.k8s, host: 127.0.0.1, port: ${kubernetes.port}}
mirrors:
- name: orders-to-k8s
  from: /#/io.l5d.curator/*
  to: {kind: io.l5d.k8s, namespace: shop}
  probe: false
  interval: 200ms
`);
    const seen = (service: string) =>
      kubernetes.history
        .all("endpointslices")
        .flatMap((slice) => endpointsOf(slice, service))
        .map(({ port }) => port);
    await waitUntil("it is there", 10_000, () => seen("orders").join() === "9001");
    zookeeper.set("/services/carts/i-1", curatorJson("carts", { id: "i-1", host: "10.1.0.2", port: 9002 }));
    await waitUntil("another name is", 10_000, () => seen("carts").join() === "9002");
    assert.deepEqual(
      kubernetes.history
        .all("services")
        .map(({ metadata }) => metadata.name)
        .toSorted(),
      ["carts", "orders"],
    );
  });

  it("converges after kill -9, and hands over between two daemons without a moment without entries", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    using folder = tempFolder({ "disco/users": "127.0.0.1 8001\n127.0.0.1 8002\n" });
    const file = folder.write("linkspan.yaml", toLegacy(zookeeper, folder, router));
    const first = await spawnDaemon(file);
    try {
      await waitUntil("both are published", 10_000, () => ports(zookeeper).join() === "8001,8002");
      await using second = await spawnDaemon(file);
      let least = 2;
      const watching = setInterval(() => (least = Math.min(least, new Set(ports(zookeeper)).size)), 5);
      const owners = zookeeper.owners(USERS);
      try {
        first.process.signal("SIGTERM");
        await first.process.endWithin(20_000);
        await waitUntil("the other one leads", 20_000, () => second.process.logged("mirror.leading").length === 1);
        await waitUntil("its entries stand alone", 20_000, () => {
          const now = zookeeper.owners(USERS);
          return now.length === 2 && now.every((each) => !owners.includes(each));
        });
      } finally {
        clearInterval(watching);
      }
      assert.equal(least, 2, "each instance had an entry all the time");
      second.process.signal("SIGKILL");
      await second.process.ended;
      folder.write("disco/users", "127.0.0.1 8002\n127.0.0.1 8004\n");
      await using _ = await spawnDaemon(file);
      await waitUntil("it converges", 30_000, () => ports(zookeeper).join() === "8002,8004");
    } finally {
      await first[Symbol.asyncDispose]();
    }
  });

  it("runs as a process of its own, without routers, and is taken up and away by a reload", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    using folder = tempFolder({ "disco/users": "127.0.0.1 8001\n", "disco/carts": "127.0.0.1 8002\n" });
    const file = folder.write("linkspan.yaml", toLegacy(zookeeper, folder, router));
    await using running = spawnCli(["mirror", "run", file, "--admin-port", "0"]);
    await waitUntil("it is published", 20_000, () => ports(zookeeper).join() === "8001");
    assert.equal(running.logged("server.listening").length, 0);
    const more =
      "- {name: carts, from: /#/io.l5d.fs/carts, to: {kind: io.l5d.curator, path: /services/carts}, probe: false}\n";
    folder.write("linkspan.yaml", toLegacy(zookeeper, folder, more));
    await waitUntil("the other one is too", 20_000, () => ports(zookeeper, "/services/carts").join() === "8002");
    const kept = zookeeper.owners(USERS);
    folder.write("linkspan.yaml", toLegacy(zookeeper, folder));
    await waitUntil("it is withdrawn", 20_000, () => ports(zookeeper, "/services/carts").length === 0);
    assert.deepEqual(zookeeper.owners(USERS), kept, "what is the same goes on under its session");
    running.signal("SIGTERM");
    assert.equal((await running.endWithin(20_000)).code, 0);
  });

  it("plans a gateway as the router would publish it, and applies it only where that listens", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    using folder = tempFolder({ "disco/users": "127.0.0.1 8001\n" });
    const port = await freePort();
    const file = folder.write(
      "linkspan.yaml",
      `${toLegacy(zookeeper, folder)}  address: gateway
routers: [{protocol: http, dtab: /svc => /#/io.l5d.fs, servers: [{port: ${port}}]}]
`.replace("probe: false", "probe: {timeout: 1s}"),
    );
    const planned = await runCli(["mirror", "plan", file]);
    assert.equal(planned.code, 1, planned.out + planned.err);
    assert.match(planned.out, new RegExp(`\\+ ${USERS}/\\S+:gateway\\n.*"address":"127.0.0.1","port":${port},`));
    const tooEarly = await runCli(["mirror", "apply", file]);
    assert.match(tooEarly.out, /gateway not published: cannot connect to/);
    assert.match(tooEarly.out, /0 to create, 0 to change, 0 to delete, 0 held, 1 unreachable\./);
    assert.equal(tooEarly.code, 1);
    await using _ = await spawnDaemon(file);
    await waitUntil("the router is published", 20_000, () => ports(zookeeper).join() === String(port));
    const drift = await runCli(["drift", "--config", file, "--all", "--within", "0s"]);
    assert.match(drift.out, /users-to-legacy +1 +0 +0 +0 +0 +0/, drift.err);
    assert.equal(drift.code, 0);
  });

  it("says what its callers' prober does not reach, and publishes it where that is forced", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    await using prober = await connectProxy((target) => target === "10.1.0.1:8001");
    using folder = tempFolder({ "disco/users": "10.1.0.1 8001\n10.1.0.2 8001\n" });
    const text = `${toLegacy(zookeeper, folder)}  force: false\n`.replace(
      "probe: false",
      `probe: {through: "127.0.0.1:${prober.port}"}`,
    );
    const file = folder.write("linkspan.yaml", text);
    const cause = `through 127\\.0\\.0\\.1:${prober.port}: the proxy answered 502 to CONNECT`;
    const planned = await runCli(["mirror", "plan", file]);
    assert.match(planned.out, new RegExp(`10\\.1\\.0\\.2:8001 not published: ${cause}`));
    assert.match(planned.out, /1 to create, 0 to change, 0 to delete, 0 held, 1 unreachable\./);
    await using daemon = await spawnDaemon(folder.write("routed.yaml", text + router));
    const hosts = (): string =>
      entries(zookeeper)
        .map(({ address }) => address)
        .sort()
        .join();
    await waitUntil("what is reached is published", 20_000, () => hosts() === "10.1.0.1");
    const admin = ["--admin", `127.0.0.1:${daemon.adminPort}`];
    const told = await runCli(["mirror", "status", ...admin]);
    assert.match(told.out, /^users-to-legacy +leading +1 +1 +0 +1 /m);
    assert.match(told.out, new RegExp(`unreachable: 10\\.1\\.0\\.2:8001: ${cause}`));
    assert.equal(told.code, 1);
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${daemon.adminPort}/metrics`)).text();
    assert.match(await metrics(), /linkspan_mirror_entries\{mirror="users-to-legacy",state="unreachable"\} 1/);
    folder.write("routed.yaml", text.replace("force: false", "force: true") + router);
    await waitUntil("both are published", 20_000, () => hosts() === "10.1.0.1,10.1.0.2");
    const forced = await runCli(["mirror", "status", ...admin]);
    assert.match(forced.out, new RegExp(`forced: 10\\.1\\.0\\.2:8001: ${cause}`));
    assert.match(await metrics(), /linkspan_mirror_entries\{mirror="users-to-legacy",state="forced"\} 1/);
  });

  it("holds what its source has lost, says what to type, and an approval lets exactly that go", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    await using kubernetes = await FakeKubernetes.start();
    using folder = tempFolder();
    const numbers = Array.from({ length: 19 }, (_, n) => n + 2);
    const lost = { orders: numbers, carts: numbers };
    for (const [name, ns] of Object.entries(lost)) {
      for (const n of [1, ...ns]) {
        const instance = { id: `i-${n}`, host: "10.1.0.1", port: 9000 + n };
        zookeeper.set(`/services/${name}/i-${n}`, curatorJson(name, instance));
      }
    }
    const file = folder.write(
      "linkspan.yaml",
      `${namers(zookeeper, folder)}
- {kind: io.l5d.k8s, host: 127.0.0.1, port: ${kubernetes.port}}
mirrors:
- name: legacy-to-k8s
  from: /#/io.l5d.curator/*
  to: {kind: io.l5d.k8s, namespace: shop}
  probe: false
  interval: 4s
  deleteCap: 0
${router}`,
    );
    const seen = (service: string): number =>
      kubernetes.history.all("endpointslices").flatMap((slice) => endpointsOf(slice, service)).length;
    const first = await spawnDaemon(file);
    await waitUntil("all are published", 20_000, () => seen("orders") === 20 && seen("carts") === 20);
    first.process.signal("SIGTERM");
    await first.process.endWithin(20_000);
    await first[Symbol.asyncDispose]();
    // While nobody looks, so that nothing tells how they left.
    for (const [name, ns] of Object.entries(lost)) for (const n of ns) zookeeper.remove(`/services/${name}/i-${n}`);
    await using second = await spawnDaemon(file);
    const admin = ["--admin", `127.0.0.1:${second.adminPort}`];
    let told: Awaited<ReturnType<typeof runCli>> = { code: 0, out: "", err: "" };
    await waitUntil("they wait for their turn", 60_000, async () => {
      told = await runCli(["mirror", "status", ...admin]);
      return /\/orders: held: .*absent, \d+ looks agree, waits for its turn or an approval/.test(told.out);
    });
    assert.equal(told.code, 1);
    const [next = ""] = /^Next: linkspan (mirror approve legacy-to-k8s)$/m.exec(told.out)?.slice(1) ?? [];
    const target = /^legacy-to-k8s (\S*\/orders): held/m.exec(told.out)?.[1] ?? "";
    const words = [...next.split(" "), "--target", target, "--reason", "the old hosts are gone", "--json", ...admin];
    const approved = await runCli(words);
    assert.equal(approved.code, 0, approved.out + approved.err);
    const { removals } = JSON.parse(approved.out) as { removals: number };
    assert.ok(removals > 5 && removals < 20, `some may have had their turn: ${removals}`);
    await waitUntil("what was approved is gone", 15_000, () => seen("orders") === 1);
    assert.ok(seen("carts") > 5, "what was not approved goes one by one");
    const [line] = second.process.logged("mirror.approved");
    assert.deepEqual([line?.["why"], line?.["removals"]], ["the old hosts are gone", removals]);
    assert.equal((await runCli(["mirror", "approve", "legacy-to-k8s", ...admin])).code, 0);
    await waitUntil("the others are gone too", 15_000, () => seen("carts") === 1);
  });

  it("publishes the router itself, so that callers who know no weights obey the dtab's", async () => {
    await using zookeeper = await FakeZooKeeper.start();
    await using a = await startBackend("a");
    await using b = await startBackend("b");
    using folder = tempFolder({
      "disco/users-a": `127.0.0.1 ${a.port}\n`,
      "disco/users-b": `127.0.0.1 ${b.port}\n`,
    });
    await using daemon = await startDaemon(`${namers(zookeeper, folder)}
routers:
- protocol: http
  label: users
  identifier: {kind: io.l5d.static, path: /users}
  dtab: /svc/users => 1 * /#/io.l5d.fs/users-a & 3 * /#/io.l5d.fs/users-b
  servers: [{port: 0}]
mirrors:
- name: users-through-linkspan
  from: /#/io.l5d.fs/users-a
  to: {kind: io.l5d.curator, path: ${USERS}}
  address: gateway
  gateway: users
  interval: 200ms
`);
    await waitUntil("the router is published", 10_000, () => ports(zookeeper).join() === String(daemon.port));
    const [entry] = entries(zookeeper);
    const counts = new Map<string, number>();
    for (let n = 0; n < 200; n++) {
      const body = await askAsLegacy(entry as Entry);
      counts.set(body, (counts.get(body) ?? 0) + 1);
    }
    const share = (counts.get("b") ?? 0) / 200;
    assert.ok(share > 0.6 && share < 0.9, `three quarters go to b: ${share}`);
  });
});

/** As a client of Curator's does: the address of the entry is all that it knows, and what it sends as Host. */
function askAsLegacy({ address, port }: Entry): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port, path: "/", agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (text += part));
      answer.on("end", () => resolve(text));
    });
    asked.on("error", reject);
    asked.end();
  });
}
