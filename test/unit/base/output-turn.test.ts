/** Tests of what is done at the end of a turn. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { OutputTurn } from "../../../src/base/output-turn.ts";
import { nextTurn } from "../../fakes/http2-server-fixture.ts";

it("everybody who asked is called once, in order, and whoever asks meanwhile in the next turn", async () => {
  const turn = new OutputTurn();
  const called: string[] = [];
  turn.add({
    endTurn: () => {
      called.push("first");
      turn.add({ endTurn: () => called.push("later") });
    },
  });
  turn.add({ endTurn: () => called.push("second") });
  await nextTurn();
  assert.deepEqual(called, ["first", "second"]);
  await nextTurn();
  assert.deepEqual(called, ["first", "second", "later"]);
});
