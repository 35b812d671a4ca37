/** How a running daemon is asked to hand over, and what it answers. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../src/base/time.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { askToHandOver, NobodyHome } from "../../../src/takeover/ask.ts";
import { doorFolder, doorPath, doorsOf, openFolder, removeIfEmpty } from "../../../src/takeover/door-place.ts";
import { Door } from "../../../src/takeover/door.ts";
import type { SuccessionRequest } from "../../../src/takeover/messages.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

const server = { ip: "127.0.0.1", port: 4140 };

/** A successor of one line. */
const running = (script: string): SuccessionRequest => {
  return { command: [process.execPath, "-e"], args: [script], cwd: process.cwd(), env: {} };
};
const serves = running(`process.send("linkspan.ready", () => process.disconnect())`);

async function openDoor(folder: string, log = new RecordingLog(), withinMs = 5_000): Promise<Door> {
  const path = doorPath(folder, server, process.pid);
  return Door.open({ path, sockets: () => ({ servers: [] }), clock: systemClock, log, withinMs });
}

test("a successor that serves is told of, by its number, and the door has done its work", async () => {
  using folder = tempFolder({});
  const log = new RecordingLog();
  await using door = await openDoor(folder.path, log);
  const started: number[] = [];
  const asked = { doors: doorsOf(folder.path, server), request: serves, started: (pid: number) => started.push(pid) };
  const pid = await askToHandOver(asked);
  await door.succeeded;
  assert.deepEqual(started, [pid]);
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ["takeover.started", "takeover.finished"],
  );
});

test("a successor that ends early is why there is none, and another one can come", async () => {
  using folder = tempFolder({});
  await using door = await openDoor(folder.path);
  const doors = doorsOf(folder.path, server);
  const started = (): void => undefined;
  await assert.rejects(askToHandOver({ doors, request: running("process.exit(78)"), started }), /ended with 78/);
  assert.ok((await askToHandOver({ doors, request: serves, started })) > 0);
  await door.succeeded;
});

test("a successor that does not serve in time is ended", async () => {
  using folder = tempFolder({});
  await using door = await openDoor(folder.path, new RecordingLog(), 300);
  assert.ok(door);
  let pid = 0;
  const started = (number: number): void => void (pid = number);
  const request = running("setInterval(() => undefined, 1000)");
  await assert.rejects(askToHandOver({ doors: doorsOf(folder.path, server), request, started }), /after 300 ms/);
  await eventually("the process is gone", () => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  });
});

test("what is no request is refused, and the daemon goes on", async () => {
  using folder = tempFolder({});
  await using door = await openDoor(folder.path);
  const socket = net.connect(doorPath(folder.path, server, process.pid));
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.write("hello\n");
  await eventually("it is answered", () => answer.includes('"failed"'));
  socket.destroy();
  assert.ok(
    (await askToHandOver({ doors: doorsOf(folder.path, server), request: serves, started: () => undefined })) > 0,
  );
  await door.succeeded;
});

test("a door that a killed daemon left is taken away, and nobody is behind it", async () => {
  using folder = tempFolder({});
  const path = doorPath(folder.path, server, 1);
  writeFileSync(path, "");
  const asked = askToHandOver({ doors: doorsOf(folder.path, server), request: serves, started: () => undefined });
  await assert.rejects(asked, NobodyHome);
  assert.equal(existsSync(path), false);
});

test("doors of other servers are not knocked at", () => {
  using folder = tempFolder({});
  writeFileSync(doorPath(folder.path, { ip: "127.0.0.1", port: 414 }, 1), "");
  assert.deepEqual(doorsOf(folder.path, server), []);
  assert.deepEqual(doorsOf(join(folder.path, "missing"), server), []);
});

test("the folder is the one that systemd or the session gives, else one of the user's", () => {
  assert.equal(doorFolder({ RUNTIME_DIRECTORY: "/run/linkspan", XDG_RUNTIME_DIR: "/run/user/7" }, 7), "/run/linkspan");
  assert.equal(doorFolder({ XDG_RUNTIME_DIR: "/run/user/7" }, 7), "/run/user/7/linkspan");
  assert.match(doorFolder({}, 7), /linkspan-7$/);
});

test("a folder that others could write to is not used", () => {
  using folder = tempFolder({});
  const mine = join(folder.path, "doors");
  const uid = process.getuid?.() ?? 0;
  openFolder(mine, uid);
  assert.throws(() => openFolder(mine, uid + 1), /belongs to user/);
  chmodSync(mine, 0o777);
  assert.throws(() => openFolder(mine, uid), /written by other users/);
  removeIfEmpty(mine);
  assert.equal(existsSync(mine), false);
  removeIfEmpty(mine);
  writeFileSync(join(folder.path, "kept"), "");
  removeIfEmpty(folder.path);
  assert.ok(existsSync(folder.path));
});
