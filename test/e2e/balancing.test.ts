// What a cluster adds to its balancer, in a whole daemon: zones, panic, slow start, stickiness.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../../src/testing/eventually.ts";
import { start } from "../../src/index.ts";
import { shownEndpoints, startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

interface Backend extends AsyncDisposable {
  readonly port: number;
  asked: number;
  status: number;
}

async function backend(): Promise<Backend> {
  const it = { asked: 0, status: 200 };
  const server = createServer((_, response) => {
    it.asked++;
    response.writeHead(it.status).end(`${(server.address() as AddressInfo).port}`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return Object.assign(it, {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function site(count: number, settings: string) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(tempFolder());
  const backends: Backend[] = [];
  for (let n = 0; n < count; n++) backends.push(stack.use(await backend()));
  await mkdir(join(folder.path, "disco"));
  const register = (some: readonly Backend[]): Promise<void> =>
    writeFile(join(folder.path, "disco/users"), some.map(({ port }) => `127.0.0.1 ${port}\n`).join(""));
  await register(backends);
  const text = `sources: {files: {files: ./disco}}\nlisten: 0\nadmin: {port: 0}\nroutes: {users: files/users}\n${settings}\n`;
  const daemon = stack.use(await startDaemon(text, folder.path));
  const held = stack.move();
  return { backends, register, daemon, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
}

/** The port of the backend that answered, or the status of an answer that is none. */
function ask(daemon: TestDaemon, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: daemon.port, headers: { host: "users", ...headers }, agent: false };
    get(options, (response) => {
      let text = "";
      response.on("data", (bytes: Buffer) => (text += bytes.toString()));
      response.on("end", () => resolve(response.statusCode === 200 ? text : `${response.statusCode}`));
    }).on("error", reject);
  });
}

async function askOften(daemon: TestDaemon, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await ask(daemon);
}

test("requests of one user go to one backend, those of others to all, and a new backend takes only its own", async () => {
  await using it = await site(3, "sticky: {header: X-User}\nslowStart: 0s");
  const users = Array.from({ length: 24 }, (_, n) => ({ "x-user": `user-${n}` }));
  const before: string[] = [];
  for (const user of users) before.push(await ask(it.daemon, user));
  assert.equal(new Set(before).size, 3);
  for (const [n, user] of users.entries()) assert.equal(await ask(it.daemon, user), before[n]);
  await using newcomer = await backend();
  await it.register([...it.backends, newcomer]);
  await eventually("the new one is there", async () => (await shownEndpoints(it.daemon)).length === 4);
  for (const [n, user] of users.entries()) {
    const now = await ask(it.daemon, user);
    assert.ok(now === before[n] || now === `${newcomer.port}`, `user ${n} moved from ${before[n]} to ${now}`);
  }
});

test("a new backend gets few requests at first", async () => {
  await using it = await site(2, "balancer: p2c\nslowStart: 1h");
  await askOften(it.daemon, 5);
  await using newcomer = await backend();
  await it.register([...it.backends, newcomer]);
  await eventually("the new one is there", async () => (await shownEndpoints(it.daemon)).length === 3);
  await askOften(it.daemon, 300);
  assert.ok(newcomer.asked > 0 && newcomer.asked < 40, `${newcomer.asked} of 300, where 100 would be its share`);
});

test("when too few backends are open all are asked again, and the log says so", async () => {
  await using it = await site(4, "balancer: roundRobin\npanic: 0.6");
  const broken = it.backends.slice(0, 2);
  for (const each of broken) each.status = 500;
  await askOften(it.daemon, 40);
  const [told] = it.daemon.logged("cluster.offered");
  assert.deepEqual([told?.level, told?.["offered"], told?.["open"], told?.["of"]], ["warn", "panic", 2, 4]);
  const before = broken.map(({ asked }) => asked);
  await askOften(it.daemon, 8);
  broken.forEach(({ asked }, n) => assert.equal(asked, (before[n] ?? 0) + 2));
});

for (const workers of [0, 1])
  test(`with ${workers} workers a router stays in its zone, and leaves it when too few are open there`, async () => {
    await using stack = new AsyncDisposableStack();
    const [here, too, far] = [stack.use(await backend()), stack.use(await backend()), stack.use(await backend())];
    const namers = `namers: [{kind: test.zones, ports: {a: [${here.port}, ${too.port}], b: [${far.port}]}}]`;
    const folder = stack.use(tempFolder());
    await writeFile(join(folder.path, "zones.js"), PLUGIN);
    const log: { event: string; [key: string]: unknown }[] = [];
    const daemon = await start({
      text: `${namers}
plugins: [./zones.js]
zone: a
admin: {port: 0}
routers:
- protocol: http
  dtab: /svc => /#/test.zones
  client:
    loadBalancer: {kind: roundRobin, locality: {minOpen: 2, share: 0.5}}
    failureAccrual: {kind: io.l5d.consecutiveFailures, failures: 1}
  servers: [{port: 0}]
`,
      baseDir: folder.path,
      workers,
      writeLog: (line) => void log.push(JSON.parse(line) as (typeof log)[0]),
    });
    stack.use({ [Symbol.asyncDispose]: () => daemon.close() });
    const asked = { port: daemon.servers[0]?.port ?? 0 } as TestDaemon;
    await askOften(asked, 10);
    assert.deepEqual([here.asked, too.asked, far.asked], [5, 5, 0]);
    too.status = 503;
    await askOften(asked, 2);
    assert.ok(too.asked === 6, "one request has found out");
    const before = far.asked;
    await askOften(asked, 10);
    assert.equal(far.asked, before + 5);
    const offered = log.filter(({ event }) => event === "cluster.offered");
    assert.deepEqual(
      offered.map((line) => line["offered"]),
      ["zone", "all"],
    );
  });

/** A namer whose addresses say their zones. */
const PLUGIN = `
import { AddressSet, leaf, Path, s, Var } from "${new URL("../../src/plugin.ts", import.meta.url).href}";
const kind = "test.zones";
export default {
  api: 1, family: "namer", kind,
  schema: s.object({ ports: s.record(s.list(s.port())) }),
  create: ({ ports }) => {
    const addresses = Var.of(AddressSet.of(Object.entries(ports).flatMap(([zone, all]) =>
      all.map((port) => ({ host: "127.0.0.1", port, weight: 1, meta: { zone } })))));
    const bound = { kind: "bound", id: Path.of("#", kind, "users"), addresses, residual: Path.empty };
    return {
      lookup: () => Var.of(leaf(bound)),
      async [Symbol.asyncDispose]() {},
    };
  },
};
`;
