import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AnnouncedSlice,
  MOST_IN_SLICE,
  type SliceEntry,
  shapeKey,
  type SliceShape,
} from "../../../../namers/kubernetes/announced-slice.ts";
import { SlicePacking, type SliceWrite } from "../../../../namers/kubernetes/slice-packing.ts";

const shapeAt = (port: number): SliceShape => ({ family: "IPv4", ports: [{ name: "http", port }], origin: undefined });
const entry = (n: number, ready = true): SliceEntry => ({ id: `i-${n}`, address: `10.0.${n >> 8}.${n & 255}`, ready });
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, n) => from + n);

interface Change {
  readonly n: number;
  /** Removed where it is not said. */
  readonly port?: number;
  readonly ready?: boolean;
}

/** Slices as they stand, changed as packings say. */
class Registry {
  slices: readonly AnnouncedSlice[] = [];
  #names = 0;

  constructor(slices: readonly AnnouncedSlice[] = []) {
    this.slices = slices;
  }

  pack(changes: readonly Change[], member = "anna"): readonly SliceWrite[] {
    const newName = (): string => `s-${++this.#names}`;
    const options = { slices: this.slices, group: "g", member, serviceUid: "u", newName };
    const packing = new SlicePacking(options);
    for (const { n, port } of changes) if (port === undefined) packing.remove(`i-${n}`);
    for (const { n, port, ready } of changes) if (port !== undefined) packing.put(shapeAt(port), entry(n, ready));
    return packing.finish();
  }

  apply(writes: readonly SliceWrite[]): void {
    const standing = new Map(this.slices.map((each) => [each.name, each]));
    for (const { op, slice } of writes) {
      if (op === "delete") standing.delete(slice.name);
      else standing.set(slice.name, slice);
    }
    this.slices = [...standing.values()];
  }

  change(changes: readonly Change[], member?: string): readonly SliceWrite[] {
    const writes = this.pack(changes, member);
    this.apply(writes);
    return writes;
  }

  get sizes(): readonly number[] {
    return this.slices.map(({ entries }) => entries.length);
  }

  get found(): ReadonlyMap<string, string> {
    const all = this.slices.flatMap(({ shape, entries }) => entries.map((each) => [each, shape] as const));
    return new Map(all.map(([each, shape]) => [each.id, `${each.address} ${each.ready} ${shapeKey(shape)}`]));
  }
}

const puts = (numbers: readonly number[], port = 80): readonly Change[] => numbers.map((n) => ({ n, port }));
const removes = (numbers: readonly number[]): readonly Change[] => numbers.map((n) => ({ n }));
const opsOf = (writes: readonly SliceWrite[]): string => writes.map(({ op, slice }) => `${op} ${slice.name}`).join();

test("a slice is full with a hundred, and one more instance is one more write", () => {
  const registry = new Registry();
  registry.change(puts(range(0, 250)));
  assert.deepEqual(registry.sizes, [100, 100, 50]);
  assert.equal(opsOf(registry.change(puts([250]))), "update s-3");
});

test("what stands as it is to be is not written again", () => {
  const registry = new Registry();
  registry.change(puts(range(0, 250)));
  assert.deepEqual(registry.pack(puts(range(0, 250))), []);
  assert.deepEqual(registry.pack(removes([999])), []);
});

test("one that comes takes the room of one that goes, in one write", () => {
  const registry = new Registry();
  registry.change(puts(range(0, 200)));
  assert.equal(opsOf(registry.change([...removes([3]), ...puts([500])])), "update s-1");
  assert.deepEqual(registry.sizes, [100, 100]);
});

test("an instance that is called at another port goes to another slice, and is put there first", () => {
  const registry = new Registry();
  registry.change(puts(range(0, 3)));
  const writes = registry.change(puts([1], 81));
  assert.equal(opsOf(writes), "create s-2,update s-1");
  assert.deepEqual([...(writes[0]?.ids ?? [])], ["i-1"]);
  assert.deepEqual(registry.sizes, [2, 1]);
});

test("an empty slice is deleted, after what was put elsewhere", () => {
  const registry = new Registry();
  registry.change(puts([1]));
  assert.equal(opsOf(registry.change(puts([1], 81))), "create s-2,delete s-1");
});

test("slices with much room are joined only where one of them is written anyway, and one at a time", () => {
  const registry = new Registry();
  registry.change(puts(range(0, 300)));
  registry.change(removes([...range(0, 95), ...range(100, 190), ...range(200, 270)]));
  assert.equal(registry.sizes.length, 2);
  assert.equal(registry.found.size, 45);
  assert.deepEqual(registry.pack([]), []);
});

test("what another member left is taken over where it stands, one slice a write", () => {
  const registry = new Registry();
  registry.change(puts(range(0, 150)), "anna");
  const writes = registry.change(puts(range(0, 150)), "berta");
  assert.equal(opsOf(writes), "update s-1,update s-2");
  assert.deepEqual(new Set(registry.slices.map(({ member }) => member)), new Set(["berta"]));
  assert.deepEqual(registry.pack(puts(range(0, 150)), "berta"), []);
});

test("what a move that was broken off left twice is left once", () => {
  const registry = new Registry();
  const slice = { version: "1", group: "g", member: "anna", serviceUid: "u", entries: [entry(1), entry(2)] };
  registry.slices = [
    { ...slice, name: "a", shape: shapeAt(80) },
    { ...slice, name: "b", shape: shapeAt(81) },
  ];
  registry.change(puts([1, 2], 81));
  assert.equal(
    opsOf(registry.slices.map((each) => ({ op: "update", slice: each, gains: false, ids: new Set() }))),
    "update b",
  );
});

const change = fc.record({
  n: fc.nat({ max: 300 }),
  port: fc.option(fc.constantFrom(80, 81, 82), { nil: undefined }),
  ready: fc.boolean(),
});

test("whatever comes and goes: each stands once and as it was put, no slice is too full, and few are written", () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 150 }), { maxLength: 12 }), (rounds) => {
      const registry = new Registry();
      const wanted = new Map<string, string>();
      for (const round of rounds) {
        const once = [...new Map(round.map((each) => [each.n, each as Change])).values()];
        for (const { n, port, ready } of once) {
          if (port === undefined) wanted.delete(`i-${n}`);
          else wanted.set(`i-${n}`, `${entry(n).address} ${ready} ${shapeKey(shapeAt(port))}`);
        }
        const standing = registry.slices;
        const writes = registry.pack(once);
        assertNoGap(standing, writes, new Set(wanted.keys()));
        registry.apply(writes);
        assert.deepEqual(new Map([...registry.found].sort()), new Map([...wanted].sort()));
        assert.equal(
          registry.sizes.reduce((sum, size) => sum + size, 0),
          wanted.size,
          "each stands once",
        );
        assert.ok(registry.sizes.every((size) => size > 0 && size <= MOST_IN_SLICE));
        // Each change touches one slice, two where it moves, one of them perhaps twice; and of each shape one is joined.
        assert.ok(writes.length <= 3 * once.length + 6);
      }
    }),
    { numRuns: 60 },
  );
});

/** Who stood before and stays stands at every moment. */
function assertNoGap(
  before: readonly AnnouncedSlice[],
  writes: readonly SliceWrite[],
  wanted: ReadonlySet<string>,
): void {
  const moment = new Registry(before);
  const staying = [...moment.found.keys()].filter((id) => wanted.has(id));
  for (const write of writes) {
    moment.apply([write]);
    const found = moment.found;
    assert.deepEqual(
      staying.filter((id) => !found.has(id)),
      [],
    );
  }
}
