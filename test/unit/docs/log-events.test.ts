import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { logEvents } from "../../../scripts/log-events.ts";

const root = new URL("../../../", import.meta.url).pathname;
const sources = globSync("{src,namers}/**/*.ts", { cwd: root }).filter((file) => !file.startsWith("src/testing/"));

/** Each event beside the level that it is written with; the ends of an outage are a warning and an information. */
function writtenEvents(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of sources) {
    const text = readFileSync(`${root}${file}`, "utf8");
    for (const [, level, event] of text.matchAll(/[lL]og\.(error|warn|info|debug)\(\s*"([a-z.]+)"/g)) {
      found.add(`${level} ${event}`);
    }
    for (const [, failed, recovered] of text.matchAll(/failed: "([a-z.]+)", recovered: "([a-z.]+)"/g)) {
      found.add(`warn ${failed}`).add(`info ${recovered}`);
    }
    for (const [, level, event] of text.matchAll(/new BurstLog\(log, clock, "(warn|info)", "([a-z.]+)"\)/g)) {
      found.add(`${level} ${event}`);
    }
    for (const [, event] of text.matchAll(/tell\("(guard\.[a-z]+)"/g)) found.add(`${levelOfGuard(event)} ${event}`);
  }
  return found;
}

function levelOfGuard(event: string | undefined): string {
  if (event === "guard.held") return "warn";
  return event === "guard.released" ? "info" : "debug";
}

test("the table of events is what the sources write", () => {
  const listed = logEvents.map(({ event, level }) => `${level} ${event}`);
  assert.deepEqual(listed.toSorted(), [...writtenEvents()].sort());
});
