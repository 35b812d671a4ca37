import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WorkLine, type Workable } from "../../../src/bridge/work-line.ts";
import { WritePace } from "../../../src/bridge/write-pace.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";

class Item implements Workable {
  readonly #name: string;
  readonly #begun: string[];
  #end: (() => void) | undefined;

  constructor(name: string, begun: string[]) {
    this.#name = name;
    this.#begun = begun;
  }

  work(): Promise<void> {
    this.#begun.push(this.#name);
    return new Promise((resolve) => (this.#end = resolve));
  }

  async end(): Promise<void> {
    this.#end?.();
    await turn();
  }
}

function open(perSecond = 1_000): {
  readonly line: WorkLine<Item>;
  readonly pace: WritePace;
  readonly clock: FakeClock;
  readonly begun: string[];
  readonly items: readonly Item[];
} {
  const clock = new FakeClock();
  const pace = new WritePace(clock, perSecond);
  const begun: string[] = [];
  const items = ["a", "b", "c", "d"].map((name) => new Item(name, begun));
  return { clock, pace, begun, items, line: new WorkLine({ atOnce: 2, pace, clock }) };
}

describe("the line of targets that are due", () => {
  it("works on so many at a time, in their order", async () => {
    const { line, begun, items } = open();
    for (const item of items) line.add(item);
    assert.deepEqual(begun, ["a", "b"]);
    await items[1]?.end();
    assert.deepEqual(begun, ["a", "b", "c"]);
  });

  it("lets an urgent one in though all hands are busy, and before others", async () => {
    const { line, begun, items } = open();
    for (const item of items.slice(0, 3)) line.add(item);
    line.add(items[3] as Item, true);
    assert.deepEqual(begun, ["a", "b", "d"]);
  });

  it("works on one by one hand, and once more when it was added meanwhile", async () => {
    const { line, begun, items } = open();
    const [first] = items as [Item];
    line.add(first);
    line.add(first);
    line.add(first, true);
    assert.deepEqual(begun, ["a"]);
    await first.end();
    assert.deepEqual(begun, ["a", "a"]);
    await first.end();
    assert.ok(line.isIdle);
  });

  it("waits until the writes of others are paid for, unless it is urgent", () => {
    const { line, begun, items, pace, clock } = open(10);
    pace.spend(1);
    line.add(items[0] as Item);
    line.add(items[1] as Item, true);
    assert.deepEqual(begun, ["b"]);
    clock.advance(100);
    assert.deepEqual(begun, ["b", "a"]);
  });

  it("closes when what was begun has ended, and begins nothing more", async () => {
    const { line, begun, items, clock } = open();
    for (const item of items) line.add(item);
    let isClosed = false;
    void line.close().then(() => (isClosed = true));
    await items[0]?.end();
    assert.ok(!isClosed);
    await items[1]?.end();
    assert.ok(isClosed);
    assert.deepEqual([begun.length, clock.waiting], [2, 0]);
  });
});
