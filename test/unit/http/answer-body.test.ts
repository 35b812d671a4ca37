/** Tests of which answers have no body. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { connects, hasNoBody } from "../../../src/http/answer-body.ts";

it("an answer to HEAD, an interim one, 204 and 304 have no body", () => {
  assert.equal(hasNoBody("HEAD", 200), true);
  for (const status of [100, 103, 204, 304]) assert.equal(hasNoBody("GET", status), true);
  for (const status of [200, 205, 404, 500]) assert.equal(hasNoBody("GET", status), false);
});

it("2xx to CONNECT makes a tunnel, nothing else does", () => {
  assert.equal(connects("CONNECT", 200), true);
  assert.equal(connects("CONNECT", 407), false);
  assert.equal(connects("GET", 200), false);
});
