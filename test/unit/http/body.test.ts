/** Tests of the empty body. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { noBody } from "../../../src/http/body.ts";

it("no body ends its sink at once, each time", () => {
  let ended = 0;
  const sink = {
    chunk: () => assert.fail("there are no bytes"),
    end: () => ended++,
    fail: () => assert.fail("it is whole"),
    flush: () => undefined,
  };
  noBody.pipe(sink);
  noBody.pipe(sink);
  noBody.drained();
  assert.equal(ended, 2);
  assert.equal(noBody.length, 0);
});
