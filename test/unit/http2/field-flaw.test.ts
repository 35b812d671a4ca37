/** Tests of what is heard of a malformed message. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { requestFieldFailures, responseFieldFailures } from "../../../src/http2/field-flaw.ts";

describe("a flaw of fields", () => {
  it("is the caller's fault in a request, and the endpoint's in an answer, with the same sentence", () => {
    const flaws = Object.keys(requestFieldFailures) as (keyof typeof requestFieldFailures)[];
    assert.deepEqual(Object.keys(responseFieldFailures), flaws);
    for (const flaw of flaws) {
      const [asked, answered] = [requestFieldFailures[flaw], responseFieldFailures[flaw]];
      assert.deepEqual([asked.code, asked.status], ["request.malformed", 400]);
      assert.deepEqual([answered.code, answered.status], ["upstream.malformed", 502]);
      assert.match(asked.message, /^[A-Z].*\.$/);
      assert.equal(answered.message, asked.message);
    }
  });
});
