import assert from "node:assert/strict";
import { test } from "node:test";
import { AnnouncedName } from "../../src/announced-name.ts";
import type { Instance } from "../../src/base/instance.ts";
import { Path } from "../../src/naming/path.ts";
import { eventually, FakeClock, RecordingLog, seededRandom } from "../../src/testing/index.ts";
import { MemoryAnnouncer } from "../fakes/memory-announcer.ts";
import { MemoryRegistry } from "../fakes/memory-registry.ts";

const server = (port: number): Instance => ({ id: `h:${port}`, host: "h", port, weight: 1, ready: true });
const path = Path.read("/web");

function openScene() {
  const registry = new MemoryRegistry();
  const announcer = new MemoryAnnouncer(registry);
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  let failures = 0;
  const announced = new AnnouncedName({
    name: "/#/mem/web",
    announcement: announcer.announce(path, { group: "servers", member: "one" }),
    clock,
    random: seededRandom(1),
    log,
    failed: () => void failures++,
  });
  const ports = (): string =>
    registry
      .at(path)
      .map(({ instance }) => instance.port)
      .join();
  return { registry, clock, log, announced, ports, failures: () => failures };
}

test("what is wanted is announced, changed one by one, and taken away at the end", async () => {
  const { announced, ports, log } = openScene();
  await announced.want([server(1), server(2)]);
  assert.equal(ports(), "1,2");
  assert.ok(announced.stands);
  await announced.want([server(2), server(3)]);
  assert.equal(ports(), "2,3");
  await announced[Symbol.asyncDispose]();
  assert.equal(ports(), "");
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ["server.announced", "server.announced", "announcement.withdrawn"],
  );
});

test("a registry that refuses is asked again, ever later, and what it did is told once", async () => {
  const { announced, registry, clock, ports, log, failures } = openScene();
  registry.gate = () => Promise.reject(new Error("500"));
  void announced.want([server(1)]);
  await eventually("it is so", () => failures() === 1);
  assert.equal(announced.stands, false);
  await clock.advance(1_000);
  await eventually("it is so", () => failures() === 2);
  registry.gate = () => undefined;
  await clock.advance(2_000);
  await eventually("it is so", () => ports() === "1");
  const told = log.lines
    .filter(({ event }) => event.startsWith("announcement."))
    .map(({ level, event }) => `${level} ${event}`);
  assert.deepEqual(
    told.filter((line) => !line.startsWith("debug")),
    ["warn announcement.failed", "info announcement.recovered"],
  );
  await announced[Symbol.asyncDispose]();
});

test("what was never announced is let go without asking a registry that is away", async () => {
  const { announced, registry } = openScene();
  registry.down();
  void announced.want([server(1)]);
  await announced[Symbol.asyncDispose]();
  assert.deepEqual(registry.at(path), []);
});
