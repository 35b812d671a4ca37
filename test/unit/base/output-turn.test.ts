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

it("one that throws keeps nobody else from the end of the turn", async () => {
  const turn = new OutputTurn();
  const called: string[] = [];
  turn.add({
    endTurn: () => {
      throw new Error("a bug");
    },
  });
  turn.add({ endTurn: () => called.push("second") });
  turn.add({ endTurn: () => called.push("third") });
  assert.throws(() => turn.end(), /a bug/);
  assert.deepEqual(called, []);
  await nextTurn();
  assert.deepEqual(called, ["second", "third"]);
});

it("whoever waits for the end of the turn has it at once, and nobody is called again for it", async () => {
  const turn = new OutputTurn();
  let called = 0;
  turn.add({ endTurn: () => called++ });
  turn.end();
  assert.equal(called, 1);
  await nextTurn();
  assert.equal(called, 1);
});
