/** A daemon whose sockets somebody else holds, as systemd does: callers see no restart of it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import net from "node:net";
import { describe, it } from "node:test";
import { startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { spawnActivated, type SpawnedProcess } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

const FILE = "linkspan.yaml";

describe("socket activation", { timeout: 120_000 }, () => {
  it("a restart keeps those waiting who connect meanwhile, and refuses nobody", async () => {
    await using backend = await startBackend("served");
    const bound = new net.BoundSocket({ host: "127.0.0.1", port: 0 });
    const { port } = bound.address();
    using folder = tempFolder({
      users: `127.0.0.1 ${backend.port}\n`,
      [FILE]: `admin: {port: 0}\nsources: {files: {files: .}}\nroutes: {"*": files/*}\nlisten: ${port}\n`,
    });
    await listenAs(bound.fd());
    const options = { cwd: folder.path, env: { XDG_RUNTIME_DIR: folder.path } };
    const start = (): SpawnedProcess => spawnActivated(["run", FILE], [bound.fd()], options);
    const serves = (daemon: SpawnedProcess): boolean => daemon.logged("admin.listening").length > 0;
    await using first = start();
    await waitUntil("it serves", 20_000, () => serves(first));
    assert.deepEqual(first.logged("takeover.unwanted"), []);
    await using load = new OpenLoad({
      port,
      host: "users",
      perSecond: 50,
      timeoutMs: 30_000,
      agent: new Agent({ keepAlive: false }),
    });
    await waitUntil("callers are served", 5_000, () => load.answers.length > 20);
    first.signal("SIGTERM");
    assert.equal((await first.endWithin(15_000)).code, 0);
    await using second = start();
    await waitUntil("it serves", 20_000, () => serves(second));
    await letPass(500);
    await load.stop();
    assert.deepEqual(failed(load.answers).slice(0, 10), []);
    assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was offered`);
  });
});

/** Makes a bound socket a listening one, as systemd does: by a process that is gone at once. */
async function listenAs(fd: number): Promise<void> {
  const script = "require('node:net').createServer().listen({ fd: 3 }, () => process.exit(0))";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "inherit", "inherit", fd] });
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
}
