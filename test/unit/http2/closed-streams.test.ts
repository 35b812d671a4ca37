/** Tests of what is known of streams that are closed. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { ClosedStreams, ending } from "../../../src/http2/closed-streams.ts";

it("the last ones are known by how they ended, the ones that ended here for longer", () => {
  const closed = new ClosedStreams();
  assert.equal(closed.endingOf(1), ending.unknown);
  closed.add(1, ending.ours);
  closed.add(3, ending.theirs);
  assert.equal(closed.endingOf(1), ending.ours);
  assert.equal(closed.endingOf(3), ending.theirs);
  for (let id = 5; id < 105; id += 2) closed.add(id, ending.theirs);
  assert.equal(closed.endingOf(3), ending.unknown);
  assert.equal(closed.endingOf(1), ending.ours);
  for (let id = 105; id < 905; id += 2) closed.add(id, ending.ours);
  assert.equal(closed.endingOf(1), ending.unknown);
});
