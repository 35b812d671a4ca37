import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { JsonLog } from "../../../src/base/json-log.ts";
import { OutageLog } from "../../../src/base/outage-log.ts";
import { Secret } from "../../../src/base/secret.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

function open(): { log: JsonLog; lines: string[]; clock: FakeClock } {
  const lines: string[] = [];
  const clock = new FakeClock(0);
  return { log: new JsonLog((line) => lines.push(line), clock), lines, clock };
}

describe("the JSON log", () => {
  it("writes one object a line with time, level, event and flat fields", () => {
    const { log, lines } = open();
    log.with({ namer: "zk" }).warn("namer.stale", { names: 3, cause: undefined });
    assert.deepEqual(lines, [
      '{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"namer.stale","namer":"zk","names":3}',
    ]);
  });

  it("changes its level at run time for all that were derived from it", () => {
    const { log, lines } = open();
    const derived = log.with({ a: 1 });
    derived.debug("update.heard");
    log.threshold.level = "debug";
    derived.debug("update.heard");
    log.threshold.level = "error";
    derived.info("update.heard");
    derived.error("bug");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { event: string }).event),
      ["update.heard", "bug"],
    );
  });

  it("does not let fields stand for time, level or event, and keeps a line a line", () => {
    const { log, lines } = open();
    log.info("server.listening", { event: "bug", level: "error", text: "a\nb" });
    assert.deepEqual(Object.entries(JSON.parse(lines[0] ?? "") as object), [
      ["time", "1970-01-01T00:00:00.000Z"],
      ["level", "info"],
      ["event", "server.listening"],
      ["text", "a\nb"],
    ]);
    assert.equal(lines[0]?.includes("\n"), false);
  });
});

describe("a secret", () => {
  it("shows stars wherever it is printed", () => {
    const secret = new Secret("hunter2");
    const shown = [
      `${secret}`,
      String(secret),
      secret + "",
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect([secret]),
    ];
    for (const each of shown) assert.ok(each.includes("***") && !each.includes("hunter2"), each);
    assert.equal(secret.reveal(), "hunter2");
  });
});

describe("the outage log", () => {
  it("warns of the first failure, whispers the rest, and tells the recovery once", () => {
    const { log, lines, clock } = open();
    log.threshold.level = "debug";
    const outage = new OutageLog(log, clock, { failed: "namer.stale", recovered: "namer.recovered" });
    outage.succeeded();
    outage.failed(new Error("refused"));
    clock.advance(1500);
    outage.failed(new Error("refused"), { name: "/a" });
    assert.equal(outage.isDown, true);
    outage.succeeded();
    outage.succeeded();
    outage.failed(new Error("again"));
    const told = lines.map((line) => {
      const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
      assert.ok(time);
      return rest;
    });
    assert.deepEqual(told, [
      { level: "warn", event: "namer.stale", cause: "refused" },
      { level: "debug", event: "namer.stale", name: "/a", cause: "refused" },
      { level: "info", event: "namer.recovered", downMs: 1500, failures: 2 },
      { level: "warn", event: "namer.stale", cause: "again" },
    ]);
  });
});
