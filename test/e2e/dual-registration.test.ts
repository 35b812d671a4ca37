/** One instance that is registered more than once: what it gets of the traffic, and what a shift counts of it. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { ShiftsView } from "../../src/bridge/shift-desk.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { askOnce, OpenLoad } from "../load/open-load.ts";
import { startVersion } from "../load/version.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

const REQUESTS = 400;
/** Six times the standard deviation of a share of so many draws. */
const CHANCE = 6 * Math.sqrt(0.25 / REQUESTS);

it("has one share within a name, that of both names in a union, and is told of where a shift meets it", async () => {
  await using stack = new AsyncDisposableStack();
  const both = stack.use(await startVersion("both"));
  const legacy = stack.use(await startVersion("legacy"));
  const pod = stack.use(await startVersion("pod"));
  const zookeeper = stack.use(await FakeZooKeeper.start());
  const register = (id: string, { port }: { readonly port: number }): void =>
    zookeeper.set(`/services/users/${id}`, curatorJson("users", { id, host: "127.0.0.1", port }));
  // Two entries of one instance, as a registration that was not withdrawn leaves them.
  for (const id of ["a", "b", "c"]) register(id, both);
  register("d", legacy);
  const folder = stack.use(tempFolder({ "disco/pods": `127.0.0.1 ${both.port}\n127.0.0.1 ${pod.port}\n` }));
  const daemon = stack.use(
    await startDaemon(
      `
admin: {port: 0}
snapshot: {path: ./state/snapshot}
namers:
- {kind: io.l5d.fs, rootDir: ./disco}
- {kind: io.l5d.curator, zkAddrs: "${zookeeper.connectString}", basePath: /services}
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token, header: host}
  dtab: |
    /svc/users    => /#/io.l5d.curator/users ;
    /svc/union    => 1 * /#/io.l5d.curator/users & 1 * /#/io.l5d.fs/pods ;
    /svc/fallback => /#/io.l5d.curator/users | /#/io.l5d.fs/pods ;
  client: {loadBalancer: {kind: roundRobin}}
  servers: [{port: 0}]
`,
      folder.path,
    ),
  );
  const sharesOf = async (host: string): Promise<Readonly<Record<string, number>>> => {
    const counts: Record<string, number> = { both: 0, legacy: 0, pod: 0 };
    for (let sent = 0; sent < REQUESTS; sent++) {
      const { body } = await askOnce({ port: daemon.port, host });
      counts[body] = (counts[body] ?? 0) + 1;
    }
    return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / REQUESTS]));
  };
  const assertShares = async (host: string, expected: Readonly<Record<string, number>>): Promise<void> => {
    const shares = await sharesOf(host);
    for (const [name, share] of Object.entries(expected)) {
      assert.ok(Math.abs((shares[name] ?? 0) - share) <= CHANCE, `${name} of ${host}: ${JSON.stringify(shares)}`);
    }
  };
  await assertShares("users", { both: 0.5, legacy: 0.5, pod: 0 });
  await assertShares("union", { both: 0.5, legacy: 0.25, pod: 0.25 });
  await assertShares("fallback", { both: 0.5, legacy: 0.5, pod: 0 });

  const ask = async (verb: string, body: object): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const order = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${daemon.adminUrl}/api/shifts/${verb}`, order)).status;
  };
  const steps = { steps: [50, 100], guard: { successDelta: 0.1, p99Ratio: 1_000 }, bakeMs: 600_000 };
  const sides = { from: "/#/io.l5d.curator/users", to: "/#/io.l5d.fs/pods" };
  assert.equal(await ask("start", { path: "/svc/users", ...sides, ...steps }), 200);
  // It fails on both sides alike, so neither is the worse one, and each answer is one side's.
  both.isBad = true;
  const view = async () => ((await (await fetch(`${daemon.adminUrl}/api/shifts`)).json()) as ShiftsView).shifts[0];
  await using load = new OpenLoad({ port: daemon.port, host: "users", perSecond: 100 });
  await waitUntil("both sides are measured", 20_000, async () => ((await view())?.sides.to.requests ?? 0) > 150);
  await load.stop();
  const answered = load.answers.length;
  await waitUntil("all are counted", 5_000, async () => {
    const shift = await view();
    return (shift?.sides.from.requests ?? 0) + (shift?.sides.to.requests ?? 0) >= answered;
  });
  const shift = await view();
  assert.equal((shift?.sides.from.requests ?? 0) + (shift?.sides.to.requests ?? 0), answered);
  assert.equal(shift?.stage.state, "running", shift?.history.at(-1)?.why ?? "no history");
  assert.equal(shift?.sides.from.endpoints, 2, "an instance counts once");
  const note = shift?.notes.find((each) => each.startsWith(`127.0.0.1:${both.port} is on both sides`));
  assert.match(note ?? "", /its share is that of both, and it is compared with itself/);
});
