import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { limitLife } from "../../../src/net/life-limit.ts";
import { FakeClock } from "../../../src/testing/index.ts";

function scene() {
  const clock = new FakeClock();
  const said: string[] = [];
  let close = (): void => undefined;
  const accept = limitLife(
    (_, closed) => {
      close = closed;
      return { drain: () => void said.push("drain"), destroy: () => void said.push("destroy") };
    },
    1_000,
    clock,
  );
  accept({} as Socket, () => void said.push("closed"));
  return { clock, said, close: () => close() };
}

test("a connection takes no further request when it is so old", () => {
  const { clock, said } = scene();
  clock.advance(999);
  assert.deepEqual(said, []);
  clock.advance(1);
  assert.deepEqual(said, ["drain"]);
});

test("a connection that is gone has no end to its life left", () => {
  const { clock, said, close } = scene();
  close();
  clock.advance(10_000);
  assert.deepEqual(said, ["closed"]);
});
