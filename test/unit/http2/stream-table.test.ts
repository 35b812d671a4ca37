/** Tests of how a connection finds its streams. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { StreamTable } from "../../../src/http2/stream-table.ts";

const ids = (table: StreamTable<{ id: number }>): number[] => [...table.values()].map(({ id }) => id);

it("has what was added and not deleted, whatever the order, as a map would", () => {
  const steps = fc.array(fc.record({ skip: fc.nat(40), keeps: fc.nat(9), drops: fc.nat(200) }), { maxLength: 400 });
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 2), (all, first) => {
      const table = new StreamTable<{ id: number }>();
      const map = new Map<number, { id: number }>();
      let id = first;
      for (const { skip, keeps, drops } of all) {
        id += 2 + skip * 2;
        const stream = { id };
        table.add(stream);
        map.set(id, stream);
        const gone = keeps === 0 ? id : id - drops * 2;
        table.delete(gone);
        map.delete(gone);
        assert.equal(table.size, map.size);
        for (const asked of [id, gone, id - 2, id - drops]) assert.equal(table.get(asked), map.get(asked));
      }
      assert.deepEqual(ids(table), [...map.keys()]);
    }),
    { seed: 5, numRuns: 200 },
  );
});

it("finds a stream that outlives thousands of others, and more streams than it has places for", () => {
  const table = new StreamTable<{ id: number }>();
  const old = { id: 1 };
  table.add(old);
  for (let id = 3; id < 40_000; id += 2) {
    table.add({ id });
    if (id > 4_000) table.delete(id - 4_000);
    assert.equal(table.get(1), id < 4_001 ? old : undefined);
    if (id === 3_999) {
      assert.equal(table.size, 2_000);
      assert.equal(table.get(1_777)?.id, 1_777);
    }
  }
  assert.equal(table.size, 2_000);
});

it("tells all streams, the oldest first, and none that was deleted meanwhile", () => {
  const table = new StreamTable<{ id: number }>();
  for (const id of [33, 35, 1_025, 1_057]) table.add({ id });
  const told: number[] = [];
  for (const { id } of table.values()) {
    told.push(id);
    if (id === 33) table.delete(1_025);
  }
  assert.deepEqual(told, [33, 35, 1_057]);
  assert.equal(table.size, 3);
  table.clear();
  assert.deepEqual(ids(table), []);
  assert.equal(table.get(33), undefined);
  assert.equal(table.size, 0);
});

it("does not mind a number that it does not have", () => {
  const table = new StreamTable<{ id: number }>();
  table.add({ id: 1 });
  table.delete(3);
  table.delete(33);
  assert.equal(table.size, 1);
  assert.equal(table.get(33), undefined);
});
