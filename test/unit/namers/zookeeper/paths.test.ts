import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPath, Chroot } from "../../../../namers/zookeeper/paths.ts";
import { isZkError } from "../../../../namers/zookeeper/zk-error.ts";

test("a path that a server would refuse is refused here", () => {
  for (const path of ["/", "/a", "/a/b.c", "/ä/…x", "/a/.b"]) checkPath(path);
  for (const path of ["", "a", "/a/", "//", "/a//b", "/a/./b", "/..", "/a\u0000", "/a\u001f", "/\u{1f600}", "/\ue000"])
    assert.throws(
      () => checkPath(path),
      (error) => isZkError(error, "BAD_ARGUMENTS"),
      JSON.stringify(path),
    );
});

test("a path that a sequence number follows may end with a slash", () => {
  checkPath("/a/", true);
  assert.throws(() => checkPath("/a//", true));
});

test("a chroot is added to what goes out and taken from what comes in", () => {
  const chroot = new Chroot("/root");
  for (const [inside, outside] of [
    ["/", "/root"],
    ["/a", "/root/a"],
  ] as const) {
    assert.equal(chroot.add(inside), outside);
    assert.equal(chroot.remove(outside), inside);
  }
  assert.equal(new Chroot("").add("/"), "/");
  assert.equal(new Chroot("").remove("/a"), "/a");
});
