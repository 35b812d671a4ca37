/** Two daemons that share a store follow one shift: forth and back together, and on their own while the store is away. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it } from "node:test";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { waitUntil } from "../load/wait-until.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { tempFolder } from "./temp-folder.ts";

/** Everywhere, from an order on. */
const EVERYWHERE_MS = 2_000;

interface Host {
  readonly daemon: TestDaemon;
  /** Of twenty requests, how many the new version has answered. */
  served(): Promise<number>;
  ask(verb: string, body: object): Promise<number>;
}

async function openHost(folder: string, state: string, zkPort: number): Promise<Host & AsyncDisposable> {
  const daemon = await startDaemon(
    `
admin: {port: 0}
snapshot: {path: ${state}/snapshot}
control: {store: {kind: io.l5d.zk, zkAddrs: [{host: 127.0.0.1, port: ${zkPort}}], sessionTimeoutMs: 4000}}
namers: [{kind: io.l5d.fs, rootDir: .}]
routers:
- protocol: http
  identifier: {kind: io.l5d.header.token, header: host}
  dtab: /svc/users => /#/io.l5d.fs/old
  servers: [{port: 0}]
`,
    folder,
  );
  let closing: PromiseLike<void> | undefined;
  return {
    daemon,
    async served() {
      const answers = await Promise.all(Array.from({ length: 20 }, () => bodyOf(daemon.port)));
      return answers.filter((each) => each === "new").length;
    },
    ask: async (verb, body) => {
      const response = await fetch(`${daemon.adminUrl}/api/shifts/${verb}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ who: "ada", reason: "a test", ...body }),
      });
      return response.status;
    },
    [Symbol.asyncDispose]: () => (closing ??= daemon[Symbol.asyncDispose]()),
  };
}

function bodyOf(port: number): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const call = request({ port, host: "127.0.0.1", headers: { host: "users" } }, (response) => {
      let text = "";
      response.on("data", (bytes: Buffer) => (text += bytes.toString())).on("end", () => resolve(text));
    });
    call.on("error", reject).end();
  });
}

const plan = {
  path: "/svc/users",
  from: "/#/io.l5d.fs/old",
  to: "/#/io.l5d.fs/new",
  steps: [50, 100],
  bakeMs: 600_000,
};

describe("a shift of two daemons", { timeout: 90_000 }, () => {
  it("is followed by both, and goes back on both within two seconds, whatever becomes of the store", async () => {
    await using stack = new AsyncDisposableStack();
    const old = stack.use(await startBackend("old"));
    const next = stack.use(await startBackend("new"));
    const folder = stack.use(tempFolder({ old: `127.0.0.1 ${old.port}\n`, new: `127.0.0.1 ${next.port}\n` })).path;
    const states = [stack.use(tempFolder()).path, stack.use(tempFolder()).path] as const;
    const zookeeper = stack.use(await FakeZooKeeper.start());
    const door = stack.use(await CutProxy.before(zookeeper.port));
    await using a = await openHost(folder, states[0], door.port);
    const b = stack.use(await openHost(folder, states[1], door.port));
    assert.equal(await a.ask("start", plan), 200);
    for (const host of [a, b]) await waitUntil("half is there", EVERYWHERE_MS, async () => (await host.served()) > 3);
    const text = await (await fetch(`${b.daemon.adminUrl}/metrics`)).text();
    assert.match(text, /linkspan_shift_weight\{shift="users",side="to"\} 50\n/);
    assert.match(text, /linkspan_shift_state\{shift="users",state="running"\} 1\n/);

    assert.equal(await b.ask("rollback", { name: "users" }), 200);
    for (const host of [a, b]) await waitUntil("all is back", EVERYWHERE_MS, async () => (await host.served()) === 0);
    assert.equal(await a.ask("ack", { name: "users" }), 200);
    await waitUntil(
      "it is over for both",
      EVERYWHERE_MS,
      async () => (await b.ask("pause", { name: "users" })) === 409,
    );
    assert.equal(await a.ask("start", plan), 200);
    for (const host of [a, b]) await waitUntil("half is there", EVERYWHERE_MS, async () => (await host.served()) > 3);

    await door.cut();
    await waitUntil("the store is away", 15_000, () => b.daemon.logged("shift.stale").length > 0);
    assert.ok((await b.served()) > 0, "the last order stays");
    assert.notEqual(await b.ask("pause", { name: "users" }), 200);
    assert.equal(await b.ask("rollback", { name: "users" }), 200);
    await waitUntil("it is back here", EVERYWHERE_MS, async () => (await b.served()) === 0);
    await b[Symbol.asyncDispose]();
    await using again = await openHost(folder, states[1], door.port);
    assert.equal(await again.served(), 0, "a start while the store is away begins with the last of it");
    await door.mend();
    await waitUntil("it is back everywhere", 20_000, async () => (await a.served()) === 0);
    assert.equal(await a.ask("ack", { name: "users" }), 200);
  });
});
