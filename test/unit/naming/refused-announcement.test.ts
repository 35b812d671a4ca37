import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedAnnouncement } from "../../../src/naming/refused-announcement.ts";

test("a place that cannot be one has nothing, takes nothing, and says why of each change", async () => {
  await using announcement = new RefusedAnnouncement("no Service is called so");
  assert.deepEqual(await announcement.standing(), { entries: [], refusal: "no Service is called so" });
  assert.deepEqual(announcement.plan(), []);
  const changes = ["a", "b"].map((key) => ({ op: "remove", key }) as const);
  const refused = { tag: "refused", cause: "no Service is called so" };
  assert.deepEqual(await announcement.write(changes), [refused, refused]);
  await announcement.abandon();
});
