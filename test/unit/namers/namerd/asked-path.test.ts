import assert from "node:assert/strict";
import { test } from "node:test";
import { askedName, pathOf } from "../../../../namers/namerd/asked-path.ts";
import { Dtab } from "../../../../src/naming/dtab.ts";
import { Path } from "../../../../src/naming/path.ts";

test("a name and a dtab make one path, and come back from it", () => {
  for (const text of ["", "/svc => /a | /b ; /x => 0.3 * /c & ~"]) {
    const dtab = Dtab.read(text);
    for (const name of ["/svc/users", "/", "/#/fs/users", "/name/dtab:x"]) {
      const asked = askedName(Path.read(pathOf(dtab, Path.read(name)).show));
      assert.deepEqual([asked?.dtab, asked?.name.show], [dtab.show, name]);
    }
  }
});

test("an id is no such path", () => {
  for (const id of ["/#/io.l5d.fs/users", "/$/inet/127.0.0.1/80", "/%/port/#/fs/users", "/"]) {
    assert.equal(askedName(Path.read(id)), undefined);
  }
});
