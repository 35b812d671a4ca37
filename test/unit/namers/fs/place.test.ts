import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FsNamer } from "../../../../namers/fs/namer.ts";
import { Path } from "../../../../src/naming/path.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FollowedName, FollowedVar } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

let root = "";
let namer: FsNamer;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "linkspan-place-"));
  const times = { gatherMs: 5, pollMs: 100, brokenPollMs: 20 };
  namer = new FsNamer({ root, times }, testContext());
});
afterEach(async () => {
  await namer[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

const follow = (path: string): FollowedName => new FollowedName(namer.lookup(Path.read(path)));
const until = (followed: FollowedName, keys: string): Promise<boolean> =>
  eventually(`bound to ${keys}`, () => followed.keys?.join() === keys);

test("a Kubernetes volume's swap of its data folder is one change", async () => {
  for (const [folder, port] of [
    ["..1", 1],
    ["..2", 2],
  ] as const) {
    await mkdir(join(root, folder));
    await writeFile(join(root, folder, "web"), `10.0.0.1 ${port}\n`);
  }
  await symlink("..1", join(root, "..data"));
  await symlink("..data/web", join(root, "web"));
  using followed = follow("/web");
  await until(followed, "10.0.0.1:1");
  await symlink("..2", join(root, "..new"));
  await rename(join(root, "..new"), join(root, "..data"));
  await until(followed, "10.0.0.1:2");
});

test("a file in a folder below is found by its path, and the rest is residual", async () => {
  await mkdir(join(root, "team"));
  await writeFile(join(root, "team", "web"), "10.0.0.1 1\n");
  using followed = follow("/team/web/v1");
  await until(followed, "10.0.0.1:1");
  assert.equal(followed.bound?.id.show, "/team/web");
  assert.equal(followed.bound?.residual.show, "/v1");
  await writeFile(join(root, "team", "web"), "10.0.0.1 2\n");
  await until(followed, "10.0.0.1:2");
});

test("a folder that becomes a file, and a file that becomes a folder, are followed", async () => {
  await mkdir(join(root, "web"));
  using followed = follow("/web");
  await eventually("neg", () => followed.isNeg);
  await rm(join(root, "web"), { recursive: true });
  await writeFile(join(root, "web"), "10.0.0.1 1\n");
  await until(followed, "10.0.0.1:1");
  await unlink(join(root, "web"));
  await mkdir(join(root, "web"));
  await eventually("neg again", () => followed.isNeg);
});

test("a file behind a link that changes elsewhere is found by the poll", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "linkspan-elsewhere-"));
  await writeFile(join(elsewhere, "web"), "10.0.0.1 1\n");
  await symlink(join(elsewhere, "web"), join(root, "web"));
  using followed = follow("/web");
  await until(followed, "10.0.0.1:1");
  await writeFile(join(elsewhere, "web"), "10.0.0.1 2\n");
  await until(followed, "10.0.0.1:2");
  await rm(elsewhere, { recursive: true });
});

test("a file that is written in place again and again never shows less than it had", async () => {
  const text = (port: number): string => `10.0.0.1 ${port}\n10.0.0.2 ${port}\n`;
  await writeFile(join(root, "web"), text(1));
  using followed = follow("/web");
  await until(followed, "10.0.0.1:1,10.0.0.2:1");
  for (let n = 2; n <= 40; n++) await writeFile(join(root, "web"), text(n));
  await until(followed, "10.0.0.1:40,10.0.0.2:40");
  for (const state of followed.addresses?.states.slice(1) ?? []) {
    assert.ok(state.tag === "ok" && state.value.addresses.length >= 2);
  }
});

test("a file that ends in the middle of its only line is held, and its end comes as an edit", async () => {
  await writeFile(join(root, "web"), "10.0.0.1 8080\n10.0.0.2 8080\n");
  using followed = follow("/web");
  await until(followed, "10.0.0.1:8080,10.0.0.2:8080");
  await writeFile(join(root, "web"), "10.0.0.1 80");
  await eventually("held", () => followed.isHeld);
  await until(followed, "10.0.0.1:8080,10.0.0.2:8080");
  await writeFile(join(root, "web"), "10.0.0.3 8080\n");
  await until(followed, "10.0.0.3:8080");
  assert.equal(followed.isHeld, false);
});

test("an operator releases what is held", async () => {
  await writeFile(join(root, "web"), "10.0.0.1 8080\n");
  using followed = follow("/web");
  await until(followed, "10.0.0.1:8080");
  await writeFile(join(root, "web"), "");
  await eventually("held", () => followed.isHeld);
  assert.equal(namer.release(Path.read("/web"), "ordered"), true);
  await eventually("believed", () => followed.keys?.length === 0);
  assert.equal(namer.release(Path.read("/web"), "ordered"), false);
});

test("taking most lines away is an edit, and is believed at once", async () => {
  await writeFile(join(root, "web"), "10.0.0.1 1\n10.0.0.2 1\n10.0.0.3 1\n");
  using followed = follow("/web");
  await until(followed, "10.0.0.1:1,10.0.0.2:1,10.0.0.3:1");
  await writeFile(join(root, "web.new"), "10.0.0.1 1\n");
  await rename(join(root, "web.new"), join(root, "web"));
  await until(followed, "10.0.0.1:1");
  assert.equal(followed.isHeld, false);
});

test("a file that is larger than any service file is refused, and the old one kept", async () => {
  await writeFile(join(root, "web"), "10.0.0.1 1\n");
  using followed = follow("/web");
  await until(followed, "10.0.0.1:1");
  // Whole at once: a file that is written in place is an empty one for a moment.
  await writeFile(join(root, "web.new"), "# no address in here\n".repeat(30_000));
  await rename(join(root, "web.new"), join(root, "web"));
  await eventually("stale", () => followed.isStale);
  assert.equal(followed.keys?.join(), "10.0.0.1:1");
});

test("a file that is touched is not a change", async () => {
  await writeFile(join(root, "web"), "10.0.0.1 1\n");
  using followed = follow("/web");
  await until(followed, "10.0.0.1:1");
  const told = followed.addresses?.states.length;
  await utimes(join(root, "web"), new Date(), new Date());
  await quietFor(250);
  assert.equal(followed.addresses?.states.length, told);
});

test("an element with bytes beyond ASCII names the file with those bytes, and is listed so", async () => {
  await writeFile(join(root, "straße"), "10.0.0.1 1\n");
  const path = Path.of(Buffer.from("straße").toString("latin1"));
  using followed = new FollowedName(namer.lookup(path));
  await until(followed, "10.0.0.1:1");
  using names = new FollowedVar(namer.names());
  await eventually("listed", () => names.value?.map((each) => each.show).join() === path.show);
});
