/** Tests of the least rate of bytes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pace } from "../../../src/http1/pace.ts";

describe("a pace", () => {
  it("is too slow when fewer bytes than asked have moved in the time", () => {
    const pace = new Pace();
    pace.restart(1000, 50);
    assert.equal(pace.isTooSlow(1999, 50, 1000, 10), false);
    assert.equal(pace.isTooSlow(2000, 59, 1000, 10), true);
  });

  it("runs from the first look where it is begun later", () => {
    const pace = new Pace();
    pace.restart(0, 0);
    pace.restartLater();
    assert.equal(pace.isTooSlow(5000, 70, 1000, 10), false);
    assert.equal(pace.isTooSlow(5999, 79, 1000, 10), false);
    assert.equal(pace.isTooSlow(6000, 79, 1000, 10), true);
  });

  it("begins anew each time that so many bytes have moved", () => {
    const pace = new Pace();
    pace.restart(0, 0);
    assert.equal(pace.isTooSlow(900, 10, 1000, 10), false);
    assert.equal(pace.isTooSlow(1899, 19, 1000, 10), false);
    assert.equal(pace.isTooSlow(1900, 19, 1000, 10), true);
  });
});
