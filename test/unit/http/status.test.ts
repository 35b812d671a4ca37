/** Tests of reason phrases. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import { reasonOf } from "../../../src/http/status.ts";

it("every status that a failure has, has a reason", () => {
  for (const { code, status } of Object.values(failures)) {
    if (status !== 0) assert.notEqual(reasonOf(status), "", code);
  }
  assert.equal(reasonOf(999), "");
});
