/** Tests of the table of flaws. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { type Flaw, requestFailures, responseFailures } from "../../../src/http1/flaw.ts";

it("every flaw is a failure with a sentence, the caller's fault in a request and the endpoint's in an answer", () => {
  const flaws = Object.keys(requestFailures) as Flaw[];
  assert.ok(flaws.length > 20);
  for (const flaw of flaws) {
    assert.match(requestFailures[flaw].message, /^[A-Z].*\.$/);
    assert.ok(requestFailures[flaw].status < 500 || flaw === "line.unserved", flaw);
    assert.equal(responseFailures[flaw].code, "upstream.malformed");
  }
  assert.equal(requestFailures["line.large"].status, 414);
  assert.equal(requestFailures["head.large"].status, 431);
  assert.equal(requestFailures["head.fields"].status, 431);
  assert.equal(requestFailures["line.unserved"].status, 505);
  assert.equal(requestFailures["length.coding"].status, 400);
});
