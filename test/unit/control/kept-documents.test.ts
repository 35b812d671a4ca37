import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { UNSAVED } from "../../../src/base/document-store.ts";
import { systemClock } from "../../../src/base/time.ts";
import { KeptDocuments } from "../../../src/control/kept-documents.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";
import { SharedDocuments } from "../../fakes/memory-store.ts";

test("a daemon that starts while the store is away begins with the last of it, stale", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/copy`;
  const log = new RecordingLog();
  const shared = new SharedDocuments();
  shared.put("users", "one");
  {
    await using kept = await KeptDocuments.open({ store: shared.store(), path, clock: systemClock, log });
    using seen = new FollowedVar(kept.documents);
    assert.equal(seen.value?.get("users")?.text, "one");
    kept.keep("carts", "mine");
  }
  const away = shared.store();
  away.isDown = true;
  await using again = await KeptDocuments.open({ store: away, path, clock: systemClock, log });
  using seen = new FollowedVar(again.documents);
  await eventually("it is recalled", () => seen.isStale);
  assert.equal(seen.value?.get("users")?.text, "one");
  assert.deepEqual(seen.value?.get("carts"), { text: "mine", version: UNSAVED });
  away.isDown = false;
  await eventually("it is well", () => !seen.isStale);
  assert.equal(seen.value?.has("carts"), false);
});

test("a copy that cannot be read is none, and told", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/copy`;
  writeFileSync(path, "nonsense");
  const log = new RecordingLog();
  const shared = new SharedDocuments();
  await using kept = await KeptDocuments.open({ store: shared.store(), path, clock: systemClock, log });
  using seen = new FollowedVar(kept.documents);
  assert.equal(seen.value?.size, 0);
  assert.equal(log.told("shift.unkept").length, 1);
});
