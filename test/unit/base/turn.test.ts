import assert from "node:assert/strict";
import { test } from "node:test";
import { atOnce, inTurns } from "../../../src/base/turn.ts";

function* counting(pieces: number): Generator<void, number> {
  for (let at = 0; at < pieces; at++) yield;
  return pieces;
}

test("others go on before, between and after the pieces of what is done in turns, and between none of what is done at once", async () => {
  let rounds = 0;
  let isOver = false;
  const count = (): void => {
    rounds++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);

  assert.equal(atOnce(counting(20)), 20);
  assert.equal(rounds, 0);
  assert.equal(await inTurns(counting(20)), 20);
  isOver = true;
  assert.ok(rounds >= 21, `${rounds} rounds`);
});

test("what fails in the middle fails whoever waits for it", async () => {
  function* failing(): Generator<void, number> {
    yield;
    throw new Error("no");
  }
  await assert.rejects(inTurns(failing()), { message: "no" });
  assert.throws(() => atOnce(failing()), { message: "no" });
});
