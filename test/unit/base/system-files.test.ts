import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { candidates, readHosts, readResolverFile } from "../../../src/base/system-files.ts";

describe("the system files", () => {
  it("are read with comments, doubles and options", () => {
    assert.deepEqual(
      [...readHosts("# none\n::1 a\n::1 a b\n\n")],
      [
        ["a", ["::1"]],
        ["b", ["::1"]],
      ],
    );
    const text = "; c\nnameserver 1.1.1.1 # x\nnameserver 2.2.2.2\ndomain old\nsearch a b.\noptions ndots:5 rotate\n";
    assert.deepEqual(readResolverFile(text), { servers: ["1.1.1.1", "2.2.2.2"], search: ["a", "b."], ndots: 5 });
  });

  it("say which names to try: dotted ones as they are first, full ones alone", () => {
    const file = { servers: [], search: ["x", "y."], ndots: 1 };
    assert.deepEqual(candidates("a", file), ["a.x", "a.y", "a"]);
    assert.deepEqual(candidates("a.b", file), ["a.b", "a.b.x", "a.b.y"]);
    assert.deepEqual(candidates("a.", file), ["a"]);
  });
});
