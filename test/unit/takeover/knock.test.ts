import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { knock, removeAbandoned } from "../../../src/takeover/knock.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

/** Of a process that is over. */
const gone = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

async function listening(t: TestContext, path: string): Promise<net.Server> {
  const server = net.createServer((socket) => socket.destroy());
  server.listen(path);
  await once(server, "listening");
  t.after(() => server.close());
  return server;
}

/** As a daemon leaves it that is killed. */
function abandon(path: string): void {
  const bind = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", bind]);
}

test("doors of processes that are gone go, and no other", async (t) => {
  using folder = tempFolder();
  const at = (name: string): string => join(folder.path, name);
  const pid = gone();
  abandon(at(`127.0.0.1-0.${pid}.sock`));
  abandon(at(`__1-4140.${pid}.sock`));
  abandon(at(`127.0.0.1-80.${process.pid}.sock`));
  abandon(at("other.sock"));
  writeFileSync(at("notes"), "");
  // In a container, whose processes have numbers of their own.
  await listening(t, at(`0.0.0.0-80.${pid}.sock`));
  assert.equal(readdirSync(folder.path).length, 6);
  await removeAbandoned(folder.path);
  assert.deepEqual(readdirSync(folder.path).sort(), [
    `0.0.0.0-80.${pid}.sock`,
    `127.0.0.1-80.${process.pid}.sock`,
    "notes",
    "other.sock",
  ]);
});

test("who listens opens, and where nobody does the door goes; what is no door stays", async (t) => {
  using folder = tempFolder({ "file.sock": "" });
  const door = join(folder.path, "there.sock");
  await listening(t, door);
  const socket = await knock(door);
  assert.ok(socket);
  socket.destroy();
  abandon(join(folder.path, "left.sock"));
  assert.equal(await knock(join(folder.path, "left.sock")), undefined);
  assert.equal(await knock(join(folder.path, "none.sock")), undefined);
  assert.deepEqual(readdirSync(folder.path).sort(), ["file.sock", "there.sock"].sort());
});
