import assert from "node:assert/strict";
import { test } from "node:test";
import { elementOf } from "../../../../namers/zookeeper/node-names.ts";
import { serversetJob } from "../../../../namers/zookeeper/serverset-job.ts";
import { Path } from "../../../../src/naming/path.ts";

const jobs: readonly (readonly [string, readonly [string, string | undefined, number | undefined] | undefined])[] = [
  ["/", ["/", undefined, undefined]],
  ["/foo", ["/foo", undefined, undefined]],
  ["/foo/bar", ["/foo/bar", undefined, undefined]],
  ["/foo/bar:http", ["/foo/bar", "http", undefined]],
  ["/foo/bar#0", ["/foo/bar", undefined, 0]],
  ["/foo/bar:http#17", ["/foo/bar", "http", 17]],
  ["/a:b/c#d/bar", ["/a:b/c#d/bar", undefined, undefined]],
  ["/foo/bar:http-admin", ["/foo/bar", "http-admin", undefined]],
  ["/foo/a:b:c", undefined],
  ["/foo/x#abc", undefined],
  ["/foo/x#1:http", undefined],
  ["/foo/x#-1", undefined],
  ["/foo/x:", undefined],
  ["/foo/x#", undefined],
  ["/foo/:http", undefined],
  ["/foo/..", undefined],
  ["/foo/./bar", undefined],
];
for (const [text, wanted] of jobs) {
  test(`the name ${text} is ${wanted ? "a serverset" : "none"}`, () => {
    const job = serversetJob(Path.of(...text.split("/").filter((each) => each !== "")));
    assert.deepEqual(job && [job.path, job.endpoint, job.shard], wanted);
  });
}

test("an element with a slash or a letter that no node can have names no serverset", () => {
  for (const odd of ["a/b", "a\0b", "a\nb"]) assert.equal(serversetJob(Path.of(odd)), undefined);
});

test("names that are not ASCII are nodes of the same text", () => {
  assert.equal(serversetJob(Path.of(elementOf("größe")))?.path, "/größe");
});
