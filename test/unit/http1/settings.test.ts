/** Tests of the defaults of HTTP/1 connections. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { defaultHttp1Settings } from "../../../src/http1/settings.ts";

it("every wait and every size has a bound by default", () => {
  const { connect, ...bounds } = defaultHttp1Settings;
  assert.equal(connect, false);
  for (const [name, value] of Object.entries(bounds)) {
    assert.ok(Number.isFinite(value) && value > 0, name);
  }
  assert.deepEqual({ ...defaultHttp1Settings, ...defaultHeadLimits }, defaultHttp1Settings);
});
