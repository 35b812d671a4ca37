import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkerdPlace } from "../../../src/admin/linkerd-samples.ts";
import { PlaceNotes } from "../../../src/admin/place-notes.ts";

const place = (name: string): LinkerdPlace => ({
  router: "http",
  scope: "service",
  id: name,
  name,
  samples: () => [],
  histograms: () => [],
});

test("a note stays until a whole round has passed without it", () => {
  const notes = new PlaceNotes<number>();
  notes.set(place("a"), "requests", 1);
  notes.set(place("b"), "requests", 2);
  notes.endRound();
  notes.set(place("a"), "requests", 3);
  const read = (): unknown[] => ["a", "b"].map((name) => notes.get(place(name), "requests"));
  assert.deepEqual(read(), [3, 2], "the round is not over");
  notes.endRound();
  assert.deepEqual(read(), [3, undefined]);
  assert.equal(notes.get(place("a"), "failures"), undefined);
});
