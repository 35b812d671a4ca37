import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConnectionStack } from "../../../src/cluster/connection-stack.ts";
import { PooledConnection } from "../../../src/cluster/pooled-connection.ts";
import type { Connection } from "../../../src/http/transport.ts";

const nowhere = {} as Connection;

/** From the top down. */
function shown(stack: ConnectionStack): PooledConnection[] {
  const found: PooledConnection[] = [];
  for (let slot = stack.top; slot !== undefined; slot = slot.below) found.push(slot);
  return found;
}

test("a stack of connections gives the last one first, and lets go of any", () => {
  const all = Array.from({ length: 6 }, () => new PooledConnection(nowhere, 0));
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 5 })), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (taken) => {
      const stack = new ConnectionStack();
      for (const slot of all) stack.remove(Object.assign(slot, { isStacked: false }));
      let model: PooledConnection[] = [];
      for (const [isPush, at] of taken) {
        const slot = all[at] as PooledConnection;
        if (isPush && !slot.isStacked) {
          stack.push(slot);
          model = [slot, ...model];
        } else if (!isPush) {
          stack.remove(slot);
          model = model.filter((each) => each !== slot);
        }
        assert.deepEqual(
          shown(stack).map((each) => all.indexOf(each)),
          model.map((each) => all.indexOf(each)),
        );
        for (const each of all) assert.equal(each.isStacked, model.includes(each));
      }
      for (const slot of all) stack.remove(slot);
    }),
  );
});
