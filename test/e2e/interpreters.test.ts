/** A linkerd.yaml with each interpreter routes, and a dtab that changes, breaks and is away moves traffic without a failed request. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InterpreterFixture, InterpreterFixtureOptions } from "../fakes/interpreter-contract.ts";
import { configMapKey, consulKey, dtabFile, namerdNamespace } from "../fakes/interpreter-fixtures.ts";
import { FakeNamerd } from "../fakes/namerd.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { askOnce, failed, OpenLoad } from "../load/open-load.ts";
import { letPass, slowness, waitUntil } from "../load/wait-until.ts";
import { startDaemon } from "./daemon.ts";
import { NAMERS, ReloadedSite, router } from "./reloaded-site.ts";
import { tempFolder } from "./temp-folder.ts";

const kinds: readonly (readonly [string, (options: InterpreterFixtureOptions) => Promise<InterpreterFixture>])[] = [
  ["io.l5d.fs", dtabFile],
  ["io.l5d.consul.interpreter", consulKey],
  ["io.l5d.k8s.configMap", configMapKey],
  ["io.l5d.namerd.http", namerdNamespace],
];

const configuration = (interpreter: object, workers: number): string => `
workers: ${workers}
admin: {port: 0}
guard: {hold: 60s}
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token}
  dtab: /svc/own => /$/inet/127.0.0.1/1 ;
  interpreter: ${JSON.stringify(interpreter)}
  servers: [{port: 0}]
`;

const to = (backend: Backend): string => `/svc/users => /$/inet/127.0.0.1/${backend.port} ;\n`;

for (const workers of [0, 1]) {
  describe(`with workers: ${workers}`, () => {
    for (const [kind, make] of kinds) {
      it(`${kind} moves traffic without a failed request`, { timeout: 60_000 }, () => moves(make, workers));
    }
  });
}

describe("a daemon that starts while its dtab cannot be asked for", () => {
  for (const [kind, make] of kinds) {
    it(`serves by what it remembers of ${kind}`, { timeout: 60_000 }, async () => {
      await using stack = new AsyncDisposableStack();
      const backend = stack.use(await startBackend("kept"));
      const fixture = stack.use(await make({ down: false, name: "users" }));
      const folder = stack.use(tempFolder());
      await fixture.write(to(backend));
      const text = `${configuration(fixture.interpreter, 0)}snapshot: {path: ${folder.path}/snapshot, interval: 100ms}\n`;
      {
        await using before = await startDaemon(text, fixture.baseDir);
        assert.equal((await askOnce({ port: before.port, host: "users" })).status, 200);
      }
      await fixture.down();
      const daemon = stack.use(await startDaemon(text, fixture.baseDir));
      const { status, body, tookMs } = await askOnce({ port: daemon.port, host: "users" });
      assert.deepEqual([status, body], [200, "kept"]);
      assert.ok(tookMs < 1_000 * slowness, `it took ${tookMs} ms`);
    });
  }
});

for (const workers of [0, 1]) {
  it(`a router is given another interpreter without a failed request, with workers: ${workers}`, async () => {
    const by = (interpreter: string, dtab = ""): string =>
      `${NAMERS}routers:\n${router(dtab, `interpreter: ${interpreter}`)}`;
    await using namerd = await FakeNamerd.start();
    const inFile = (name: string): string => by(`{kind: io.l5d.fs, dtabFile: ${name}.dtab}`);
    await using site = await ReloadedSite.open(by("{kind: default}", "/svc/x => /#/io.l5d.fs/a"), workers);
    const to = ({ port }: Backend): string => `/svc/x => /$/inet/127.0.0.1/${port}`;
    site.folder.write("b.dtab", to(site.b));
    namerd.put("default", to(site.a));
    await using load = new OpenLoad({ port: site.port, host: "x", perSecond: 200 });
    const serves = (each: Backend): Promise<number> => {
      const before = each.requests;
      return waitUntil(`${each.name} serves`, 5_000, () => each.requests > before + 20);
    };
    const becomes = async (text: string, each: Backend): Promise<void> => {
      const { result, changes } = await site.reload(text);
      assert.deepEqual([result, changes.some(({ kind }) => kind === "interpreter")], ["applied", true]);
      await serves(each);
    };
    await serves(site.a);
    await becomes(inFile("b"), site.b);
    await becomes(by(`{kind: io.l5d.namerd.http, dst: /$/inet/127.0.0.1/${namerd.port}}`), site.a);
    // What is bound stays until the new dtab is known.
    await becomes(inFile("later"), site.a);
    site.folder.write("later.dtab", to(site.b));
    await serves(site.b);
    await becomes(by("{kind: default}", "/svc/x => /#/io.l5d.fs/a"), site.a);
    await load.stop();
    assert.deepEqual(failed(load.answers), []);
    assert.deepEqual(site.logged("bug"), []);
  });
}

it("an emptied dtab stands among what is held and not confirmed, and is believed when that is ordered", async () => {
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("users"));
  const fixture = stack.use(await dtabFile({ down: false, name: "users" }));
  await fixture.write(to(backend));
  const text = configuration(fixture.interpreter, 0).replace("hold: 60s", "hold: 60s, maxStale: 50ms");
  const daemon = stack.use(await startDaemon(text, fixture.baseDir));
  const asked = (path: string, method = "GET"): Promise<Response> => fetch(`${daemon.adminUrl}${path}`, { method });
  const status = async (): Promise<number> => (await askOnce({ port: daemon.port, host: "users" })).status;
  assert.equal(await status(), 200);
  await fixture.write("");
  const held = await waitUntil("it is held", 3_000, async () =>
    (await (await asked("/admin/guard")).text()).includes("routes"),
  );
  assert.ok(held >= 0);
  assert.equal(await status(), 200);
  const { held: all } = (await (await asked("/admin/guard")).json()) as { readonly held: readonly { name: string }[] };
  assert.deepEqual(
    all.map(({ name }) => name),
    ["/interpreters/http/routes.dtab"],
  );
  assert.equal((await asked("/admin/guard/release?name=/interpreters/http/routes.dtab", "POST")).status, 200);
  await waitUntil("it is believed", 3_000, async () => (await status()) === 502);
  await fixture.write(to(backend));
  await waitUntil("it is back", 3_000, async () => (await status()) === 200);
  await fixture.down();
  await waitUntil("the daemon is not ready", 3_000, async () => (await asked("/ready")).status === 503);
  assert.match(
    await (await asked("/ready")).text(),
    /^not ready: \/interpreters\/http .*routes\.dtab cannot be read: there is no such file$/m,
  );
  assert.equal(await status(), 200);
  await fixture.up();
  await waitUntil("the daemon is ready", 3_000, async () => (await asked("/ready")).status === 200);
});

async function moves(make: (typeof kinds)[number][1], workers: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const backend = async (name: string): Promise<Backend> => stack.use(await startBackend(name, { delayMs: 2 }));
  const [first, second, third] = [await backend("first"), await backend("second"), await backend("third")];
  const fixture = stack.use(await make({ down: false, name: "users" }));
  await fixture.write(to(first));
  const daemon = stack.use(await startDaemon(configuration(fixture.interpreter, workers), fixture.baseDir));
  const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 200 }));
  const serves = (each: Backend, withinMs = 3_000): Promise<unknown> => {
    const before = each.requests;
    return waitUntil(`${each.name} serves`, withinMs, () => each.requests > before + 20);
  };
  await serves(first);
  await fixture.write(to(second));
  await serves(second);
  await fixture.spoil?.();
  await letPass(300);
  await fixture.down();
  await letPass(500);
  await serves(second);
  await fixture.write(to(third));
  await fixture.up();
  await serves(third, 15_000);
  await fixture.write("");
  await letPass(500);
  await serves(third);
  await load.stop();
  assert.deepEqual(failed(load.answers), []);
  assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
  assert.deepEqual(daemon.logged("bug"), []);
}
