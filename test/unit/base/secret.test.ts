import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Secret } from "../../../src/base/secret.ts";

describe("a secret", () => {
  it("shows stars wherever it is printed", () => {
    const secret = new Secret("hunter2");
    const shown = [
      `${secret}`,
      String(secret),
      secret + "",
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect([secret]),
    ];
    for (const each of shown) assert.ok(each.includes("***") && !each.includes("hunter2"), each);
    assert.equal(secret.reveal(), "hunter2");
  });
});
