/** Tests of the pace of bodies. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { BodyPace } from "../../../src/http2/body-pace.ts";
import { defaultHttp2Settings } from "../../../src/http2/settings.ts";

const settings = { ...defaultHttp2Settings, bodyTimeoutMs: 1000, bodyBytes: 10 };

it("who moves too few bytes for too long is too slow, and nobody is who is not waited for", () => {
  const pace = new BodyPace();
  const stream = { sender: { moved: 0 }, receiver: { moved: 0 } };
  pace.restart(0);
  assert.equal(pace.isTooSlow(999, stream, true, settings), false);
  assert.equal(pace.isTooSlow(1000, stream, true, settings), true);
  stream.receiver.moved = 5;
  stream.sender.moved = 5;
  assert.equal(pace.isTooSlow(1100, stream, true, settings), false, "ten bytes have moved");
  stream.sender.moved = 14;
  assert.equal(pace.isTooSlow(2100, stream, true, settings), true, "nine more have");
  assert.equal(pace.isTooSlow(2200, stream, false, settings), false);
  assert.equal(pace.isTooSlow(3199, stream, true, settings), false);
});
