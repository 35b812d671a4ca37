/** A daemon whose sockets somebody else holds, as systemd does: callers see no restart of it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { Agent } from "node:http";
import net from "node:net";
import { describe, it } from "node:test";
import { startBackend } from "../load/backend.ts";
import { askOnce, failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { spawnActivated, type SpawnedProcess } from "./cli.ts";
import { type TempFolder, tempFolder } from "./temp-folder.ts";

const FILE = "linkspan.yaml";

interface Site extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly port: number;
  /** A socket that the service is started with beside its own. */
  readonly other: net.BoundSocket;
  /** Starts the service, and waits until it serves. */
  start(more?: readonly number[]): Promise<SpawnedProcess>;
}

/** A socket that listens and that nobody accepts from, until a service is started with it. */
async function openSite(text = ""): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startBackend("served"));
  const bound = new net.BoundSocket({ host: "127.0.0.1", port: 0 });
  stack.defer(() => bound.close());
  const other = new net.BoundSocket({ host: "127.0.0.1", port: 0 });
  stack.defer(() => other.close());
  const { port } = bound.address();
  await listenAs(bound.fd());
  await listenAs(other.fd());
  const folder = stack.use(
    tempFolder({
      users: `127.0.0.1 ${backend.port}\n`,
      [FILE]: `admin: {port: 0}\nsources: {files: {files: .}}\nroutes: {"*": files/*}\nlisten: ${port}\n${text}`,
    }),
  );
  const options = { cwd: folder.path, env: { XDG_RUNTIME_DIR: folder.path } };
  const all = stack.move();
  return {
    folder,
    port,
    other,
    async start(more = []) {
      const daemon = all.use(spawnActivated(["run", FILE], [bound.fd(), ...more], options));
      await waitUntil("it serves", 20_000, () => daemon.logged("admin.listening").length > 0);
      return daemon;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function newConnections(port: number): OpenLoad {
  const agent = new Agent({ keepAlive: false });
  return new OpenLoad({ port, host: "users", perSecond: 50, timeoutMs: 30_000, agent });
}

describe("socket activation", { timeout: 120_000 }, () => {
  it("a restart keeps those waiting who connect meanwhile, and refuses nobody", async () => {
    await using site = await openSite();
    const first = await site.start();
    assert.deepEqual(first.logged("takeover.unwanted"), []);
    await using load = newConnections(site.port);
    await waitUntil("callers are served", 5_000, () => load.answers.length > 20);
    first.signal("SIGTERM");
    assert.equal((await first.endWithin(15_000)).code, 0);
    await site.start();
    await letPass(500);
    await load.stop();
    assert.deepEqual(failed(load.answers).slice(0, 10), []);
    assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was offered`);
  });

  it("a socket of no server is closed, and told of by its address", async () => {
    await using site = await openSite();
    const { other } = site;
    const daemon = await site.start([other.fd()]);
    const socket = `127.0.0.1:${other.address().port}`;
    await waitUntil("it is told of", 5_000, () => daemon.logged("takeover.unwanted").length > 0);
    assert.deepEqual(
      daemon.logged("takeover.unwanted").map((line) => line["socket"]),
      [socket],
    );
    const held = readdirSync(`/proc/${daemon.child.pid}/fd`).map((fd) => linkOf(`/proc/${daemon.child.pid}/fd/${fd}`));
    assert.ok(!held.includes(linkOf(`/proc/self/fd/${other.fd()}`)));
    assert.equal((await askOnce({ port: site.port, host: "users" })).status, 200);
  });

  it("a daemon whose worker cannot have its socket again ends, so that it is started anew", async () => {
    await using site = await openSite("plugins: [./mortal.mjs]\n");
    site.folder.write("mortal.mjs", mortalPlugin);
    const first = await site.start();
    assert.equal((await askOnce({ port: site.port, host: "users" })).status, 200);
    site.folder.write("die", "");
    assert.equal((await first.endWithin(15_000)).code, 1);
    assert.match(String(first.logged("thread.failed")[0]?.["cause"]), /is in use$/);
    const waiting = askOnce({ port: site.port, host: "users", timeoutMs: 30_000 });
    await site.start();
    assert.equal((await waiting).status, 200);
  });
});

/** Ends the worker that has loaded it as soon as there is a file `die`. */
const mortalPlugin = `
import { existsSync, unlinkSync } from "node:fs";
import { threadName } from "node:worker_threads";
const die = new URL("die", import.meta.url);
const look = () => {
  if (!existsSync(die)) return;
  unlinkSync(die);
  process.exit(1);
};
if (threadName.startsWith("worker")) setInterval(look, 50).unref();
export default {
  api: 1,
  family: "classifier",
  kind: "test.mortal",
  schema: { json: {}, parse: () => ({}) },
  create: () => ({ classify: () => "success" }),
};
`;

/** What a descriptor is; nothing for one that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Makes a bound socket a listening one, as systemd does: by a process that is gone at once. */
async function listenAs(fd: number): Promise<void> {
  const script = "require('node:net').createServer().listen({ fd: 3 }, () => process.exit(0))";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "inherit", "inherit", fd] });
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
}
