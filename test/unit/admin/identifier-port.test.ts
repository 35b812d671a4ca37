import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import type { ExplainSource } from "../../../src/admin/explain-source.ts";
import { IdentifierPort } from "../../../src/admin/identifier-port.ts";
import { eventually, FakeClock, RecordingLog } from "../../../src/testing/index.ts";

const source = { routers: () => [], identify: () => Promise.resolve(undefined) } as unknown as ExplainSource;

test("a port that another process still has is waited for, which is told once", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const clock = new FakeClock();
  const log = new RecordingLog();
  const bugs: unknown[] = [];
  await using opened = new IdentifierPort({
    host: "127.0.0.1",
    port,
    source,
    clock,
    log,
    bug: (bug) => bugs.push(bug),
  });
  for (let tries = 0; tries < 3; tries++) {
    await eventually("it waits", () => clock.waiting === 1);
    clock.advance(1_000);
  }
  await eventually("it waits", () => clock.waiting === 1);
  assert.equal(log.told("identifier.waiting").length, 1);
  other.close();
  await once(other, "close");
  clock.advance(1_000);
  await eventually("it listens", () => log.told("identifier.listening").length === 1);
  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404, "there is no router");
  assert.ok(opened.isAt("127.0.0.1", port));
  assert.deepEqual(bugs, []);
});
