/** What a folder of documents keeps, leaves out and says when it cannot be read, beyond what every store is held to. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DocumentFolder } from "../../../../namers/fs/document-folder.ts";
import { LARGEST_DOCUMENT } from "../../../../src/base/document-store.ts";
import { systemClock } from "../../../../src/base/time.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../../src/testing/followed-var.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

/** It is looked for soon. */
const times = { gatherMs: 1, pollMs: 50, brokenPollMs: 20 };

const open = (folder: string): Promise<DocumentFolder> =>
  DocumentFolder.open({ folder, place: "the folder", clock: systemClock, times });

test("of the versions of a document the newest sixteen stay, and nothing else goes", async () => {
  using place = tempFolder({ "users.json": "", "other.1.json": "other", "users.notes.json": "" });
  await using store = await open(place.path);
  let version: string | undefined;
  for (let n = 1; n <= 20; n++) version = await store.write("users", `text ${n}`, version);
  assert.equal(version, "20");
  const kept = readdirSync(place.path).filter((name) => /^users\.\d+\.json$/.test(name));
  assert.equal(kept.length, 16);
  assert.deepEqual(
    readdirSync(place.path).filter((name) => !kept.includes(name)),
    ["other.1.json", "users.json", "users.notes.json"],
  );
  assert.equal(await store.write("users", "late", "4"), undefined, "a slow writer sees that it comes too late");
  assert.equal(readFileSync(join(place.path, "users.20.json"), "utf8"), "text 20");
});

test("what is no document, or too large for one, is left out, and the rest is read", async () => {
  const large = "x".repeat(LARGEST_DOCUMENT + 1);
  using place = tempFolder({ "large.1.json": large, "ok.3.json": "three", "UPPER.1.json": "", ".x.tmp": "half" });
  await using store = await open(place.path);
  using seen = new FollowedVar(store.documents);
  await eventually("it is read", () => seen.state.tag === "ok");
  assert.deepEqual(seen.state.tag === "ok" && [...seen.state.value], [["ok", { text: "three", version: "3" }]]);
});

test("a write that the folder does not take rejects with the system's error, and leaves nothing half done", async () => {
  using place = tempFolder({ file: "" });
  await using store = await open(join(place.path, "file", "below"));
  await assert.rejects(store.write("users", "text", undefined), { code: "ENOTDIR" });
  assert.deepEqual(readdirSync(place.path), ["file"]);
});

test("a place that is no folder says nothing of documents; a folder that comes there later is read", async () => {
  using place = tempFolder({ file: "", "ready/users.1.json": "text" });
  await using store = await open(join(place.path, "file"));
  using seen = new FollowedVar(store.documents);
  await eventually("it is told", () => seen.state.tag === "failed");
  renameSync(join(place.path, "file"), join(place.path, "before"));
  renameSync(join(place.path, "ready"), join(place.path, "file"));
  await eventually("it is read", () => seen.state.tag === "ok" && seen.state.value.size === 1, 10_000);
});

test("a folder that vanishes leaves its documents, stale, and a write does not make an empty one in its place", async () => {
  using place = tempFolder({ "docs/users.1.json": "text" });
  const [folder, aside] = [join(place.path, "docs"), join(place.path, "aside")];
  await using store = await open(folder);
  using seen = new FollowedVar(store.documents);
  const shown = (): string =>
    seen.state.tag === "ok" ? `${[...seen.state.value.keys()].join()}${seen.state.stale ? " stale" : ""}` : "";
  await eventually("it is read", () => shown() === "users");
  renameSync(folder, aside);
  await eventually("it is stale", () => shown() === "users stale", 10_000);
  await assert.rejects(store.write("other", "text", undefined), { code: "ENOENT" });
  assert.equal(shown(), "users stale");
  renameSync(aside, folder);
  await eventually("it is back", () => shown() === "users", 10_000);
  assert.equal(await store.write("other", "text", undefined), "1");
});

test("what writers left that died is removed when it is old, and nothing else", async () => {
  const [old, young] = [`.${randomUUID()}.tmp`, `.${randomUUID()}.tmp`];
  using place = tempFolder({ [old]: "", [young]: "", ".x.tmp": "", "users.1.json": "" });
  for (const name of [old, ".x.tmp", "users.1.json"]) utimesSync(join(place.path, name), 1, 1);
  await using _ = await open(place.path);
  assert.deepEqual(readdirSync(place.path).sort(), [young, ".x.tmp", "users.1.json"].sort());
});

test("a folder that cannot be read any more leaves the documents as they were, stale, until it can", async () => {
  using place = tempFolder({ "docs/users.1.json": "text" });
  const [folder, aside] = [join(place.path, "docs"), join(place.path, "aside")];
  await using store = await open(folder);
  using seen = new FollowedVar(store.documents);
  const text = (): string | undefined =>
    seen.state.tag === "ok" ? `${seen.state.value.get("users")?.text}${seen.state.stale ? " stale" : ""}` : undefined;
  await eventually("it is read", () => text() === "text");
  renameSync(folder, aside);
  symlinkSync(folder, folder);
  await eventually("it is stale", () => text() === "text stale", 10_000);
  rmSync(folder);
  writeFileSync(join(aside, "users.2.json"), "newer");
  renameSync(aside, folder);
  await eventually("it is read again", () => text() === "newer", 10_000);
});
