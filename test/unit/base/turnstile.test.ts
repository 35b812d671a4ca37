import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Turnstile } from "../../../src/base/turnstile.ts";
import { turn } from "../../../src/testing/fake-clock.ts";

describe("a turnstile", () => {
  it("lets so many in at once, the rest in their order, and refuses past the line", async () => {
    const turnstile = new Turnstile(2, 2);
    const order: number[] = [];
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const all = gates.map((gate, at) =>
      turnstile.pass(async () => {
        order.push(at);
        await gate.promise;
      }),
    );
    await assert.rejects(
      turnstile.pass(async () => undefined),
      { code: "EBUSY" },
    );
    assert.deepEqual(order, [0, 1]);
    gates[1]?.resolve();
    await turn();
    assert.deepEqual(order, [0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await Promise.all(all);
    assert.equal(await turnstile.pass(async () => 7), 7);
  });

  it("gives the place back when the work fails", async () => {
    const turnstile = new Turnstile(1, 0);
    await assert.rejects(
      turnstile.pass(async () => {
        throw new Error("broken");
      }),
    );
    assert.equal(await turnstile.pass(async () => 1), 1);
  });
});
