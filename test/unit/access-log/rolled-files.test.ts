import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { putAside, removeOldest } from "../../../src/access-log/rolled-files.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

test("a file gets the name of its time, and another of that time a number", async () => {
  using folder = tempFolder({ "access.log": "one\n", "access-20261127.log": "before\n" });
  const path = join(folder.path, "access.log");
  await putAside(path, "20261127");
  writeFileSync(path, "two\n");
  await putAside(path, "20261127");
  assert.deepEqual(readdirSync(folder.path).sort(), [
    "access-20261127.1.log",
    "access-20261127.2.log",
    "access-20261127.log",
  ]);
  const text = (name: string): string => readFileSync(join(folder.path, name), "utf8");
  assert.deepEqual(["access-20261127.log", "access-20261127.1.log", "access-20261127.2.log"].map(text), [
    "before\n",
    "one\n",
    "two\n",
  ]);
});

test("of many that do so at once one does, and nothing is lost", async () => {
  using folder = tempFolder({ access: "one\n" });
  await Promise.all(Array.from({ length: 20 }, () => putAside(join(folder.path, "access"), "20261127-10")));
  assert.deepEqual(readdirSync(folder.path), ["access-20261127-10"]);
});

test("the oldest go, and what only begins alike stays", async () => {
  const names = ["access-20261125.log", "access-20261126.log", "access-20261126.1.log", "access-20261127-101112.log"];
  const others = ["access.log", "access-admin.log", "access-2026.log", "access-20261125.log.gz", "other-20261125.log"];
  using folder = tempFolder(Object.fromEntries([...names, ...others].map((name) => [name, ""])));
  await removeOldest(join(folder.path, "access.log"), 2);
  const left = ["access-20261126.1.log", "access-20261127-101112.log"];
  assert.deepEqual(readdirSync(folder.path).sort(), [...left, ...others].sort());
  await removeOldest(join(folder.path, "access.log"), 0);
  assert.deepEqual(readdirSync(folder.path).sort(), others.toSorted());
});

test("a file for which there is no name left keeps its place and its lines, and it is said why", async () => {
  const taken = Array.from({ length: 1_000 }, (_, number) => `access-20261127${number === 0 ? "" : `.${number}`}.log`);
  using folder = tempFolder({ "access.log": "one\n", ...Object.fromEntries(taken.map((name) => [name, ""])) });
  const path = join(folder.path, "access.log");
  await assert.rejects(putAside(path, "20261127"), { message: `there are 1000 files of 20261127 beside ${path}` });
  assert.equal(readFileSync(path, "utf8"), "one\n");
  assert.equal(readdirSync(folder.path).length, 1_001);
});

test("a file that is not there any more has been put aside by another", async () => {
  using folder = tempFolder({});
  await putAside(join(folder.path, "access.log"), "20261127");
  assert.deepEqual(readdirSync(folder.path), []);
});
