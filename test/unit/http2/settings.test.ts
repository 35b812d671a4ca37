/** Tests of the standard settings. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { defaultHttp2Settings } from "../../../src/http2/settings.ts";

it("a stalled stream leaves others room, and every wait has an end", () => {
  const { connectionWindow, streamWindow, connect, ...rest } = defaultHttp2Settings;
  assert.ok(connectionWindow >= 16 * streamWindow);
  for (const [name, value] of Object.entries(rest)) {
    assert.ok(Number.isFinite(value) && value > 0, name);
  }
  assert.equal(connect, false);
  assert.ok(Object.isFrozen(defaultHttp2Settings));
});
