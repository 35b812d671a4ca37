import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonLog } from "../../../src/base/json-log.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

function open(): { log: JsonLog; lines: string[] } {
  const lines: string[] = [];
  return { log: new JsonLog((line) => lines.push(line), new FakeClock(0)), lines };
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
