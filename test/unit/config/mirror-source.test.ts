import assert from "node:assert/strict";
import { test } from "node:test";
import { mirrorSource } from "../../../src/config/mirror-source.ts";
import { Path } from "../../../src/naming/path.ts";

test("the source of a mirror is the namer with the longest prefix, and of two alike the later", () => {
  const namers = ["/zk", "/zk/b", "/zk"].map((prefix, at) => ({ prefix: Path.read(prefix), at }));
  assert.equal(mirrorSource(Path.read("/#/zk/a"), namers)?.at, 2);
  assert.equal(mirrorSource(Path.read("/#/zk/b/c"), namers)?.at, 1);
  assert.equal(mirrorSource(Path.read("/#/k8s/a"), namers), undefined);
});
