/** Tests of the pace of bodies. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { BodyPace } from "../../../src/http2/body-pace.ts";

it("who moves too few bytes for too long is too slow, and nobody is who is not waited for", () => {
  const pace = new BodyPace();
  const stream = { sender: { moved: 0 }, receiver: { moved: 0 } };
  pace.restart(0);
  assert.equal(pace.isTooSlow(999, stream, true, 1000, 10), false);
  assert.equal(pace.isTooSlow(1000, stream, true, 1000, 10), true);
  stream.receiver.moved = 5;
  stream.sender.moved = 5;
  assert.equal(pace.isTooSlow(1100, stream, true, 1000, 10), false, "ten bytes have moved");
  stream.sender.moved = 14;
  assert.equal(pace.isTooSlow(2100, stream, true, 1000, 10), true, "nine more have");
  assert.equal(pace.isTooSlow(2200, stream, false, 1000, 10), false);
  assert.equal(pace.isTooSlow(3199, stream, true, 1000, 10), false);
});
