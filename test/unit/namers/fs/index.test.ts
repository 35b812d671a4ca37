import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fsNamer as fs } from "../../../../namers/fs/index.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { Path } from "../../../../src/naming/path.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName, FollowedVar } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

test("io.l5d.fs asks for its rootDir, and for nothing else", () => {
  assert.equal(fs.kind, "io.l5d.fs");
  assert.throws(() => fs.schema.parse({}), SchemaError);
  assert.throws(() => fs.schema.parse({ rootDir: "/tmp", fooBar: 1 }), SchemaError);
});

test("a relative rootDir starts at the configuration file, and hidden files are no names", async () => {
  const baseDir = await mkdtemp(join(tmpdir(), "linkspan-fs-index-"));
  await writeFile(join(baseDir, "web"), "127.0.0.1 80\n");
  await writeFile(join(baseDir, ".hidden"), "127.0.0.1 80\n");
  const namer = await fs.create(fs.schema.parse({ rootDir: "." }), testContext({ baseDir }));
  using followed = new FollowedName(namer.lookup(Path.of("web")));
  await eventually("bound", () => followed.keys?.join() === "127.0.0.1:80");
  const names = namer.names?.();
  assert.ok(names);
  using listed = new FollowedVar(names);
  await eventually("listed", () => listed.value?.map((each) => each.show).join() === "/web");
  await namer[Symbol.asyncDispose]();
  await rm(baseDir, { recursive: true });
});

test("a rootDir that is a file is refused, and one that is missing may come later", async () => {
  const context = testContext();
  await assert.rejects(async () => fs.create({ rootDir: process.execPath }, context), /is not a directory/);
  const namer = await fs.create({ rootDir: "/nowhere/at/all" }, context);
  using followed = new FollowedName(namer.lookup(Path.of("web")));
  await eventually("failed", () => followed.tree.state.tag === "failed");
  await namer[Symbol.asyncDispose]();
});
