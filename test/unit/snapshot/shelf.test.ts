import assert from "node:assert/strict";
import { test } from "node:test";
import { Shelf } from "../../../src/snapshot/shelf.ts";

function shelf() {
  const told = { changes: 0, encoded: 0 };
  const made = new Shelf<number>(
    {
      encode: (value) => {
        told.encoded++;
        return `${value}`;
      },
      decode: (text) => {
        if (!/^\d+$/.test(text)) throw new Error("no number");
        return Number(text);
      },
      equals: (a, b) => a === b,
    },
    () => void told.changes++,
  );
  const lines = (): readonly string[] =>
    [true, false].flatMap((isWatched) =>
      [...made.lines(isWatched)].map(({ key, at, text }) => `${key} ${at ?? "now"} ${text}`),
    );
  return { made, told, lines };
}

test("what is remembered is recalled, confirmed until now while it is watched, and until its date afterwards", () => {
  const { made } = shelf();
  made.remember("/a", 1);
  assert.deepEqual(made.recall("/a", 50), { value: 1, at: 50 });
  made.date("/a", 60);
  made.date("/a", 70);
  assert.deepEqual(made.recall("/a", 90), { value: 1, at: 60 });
  made.forget("/a");
  assert.equal(made.recall("/a", 90), undefined);
});

test("a date in the future, as a clock that was set back gives, is now", () => {
  const { made } = shelf();
  made.load("/a", 500, "1");
  assert.deepEqual(made.recall("/a", 90), { value: 1, at: 90 });
});

test("the same answer again is no change, and of what is watched the text is not kept", () => {
  const { made, told, lines } = shelf();
  made.remember("/a", 1);
  made.remember("/a", 1);
  assert.equal(told.changes, 1);
  assert.deepEqual(lines(), ["/a now 1"]);
  assert.deepEqual([lines(), told.encoded], [["/a now 1"], 2]);
  made.date("/a", 60);
  for (let n = 0; n < 2; n++) assert.deepEqual([lines(), told.encoded], [["/a 60 1"], 3]);
  made.remember("/a", 1);
  assert.deepEqual([lines(), told.encoded, told.changes], [["/a now 1"], 4, 3]);
  made.remember("/a", 2);
  assert.deepEqual(lines(), ["/a now 2"]);
});

test("of what nobody watches only that is kept which it is alone, and of what is watched all", () => {
  const made = new Shelf<{ readonly name: string; readonly live?: object }>(
    {
      encode: ({ name }) => name,
      decode: (name) => ({ name }),
      equals: (a, b) => a.name === b.name,
      alone: ({ name }) => ({ name }),
    },
    () => undefined,
  );
  made.remember("/a", { name: "a", live: {} });
  assert.deepEqual(made.recall("/a", 50), { value: { name: "a" }, at: 50 });
  made.date("/a", 60);
  assert.deepEqual(made.recall("/a", 90), { value: { name: "a" }, at: 60 });
});

test("what an earlier process wrote is decoded when it is asked for, and what cannot be read was never known", () => {
  const { made, lines } = shelf();
  made.load("/a", 10, "7");
  made.load("/b", 10, "spoilt");
  assert.deepEqual(lines(), ["/a 10 7", "/b 10 spoilt"]);
  assert.deepEqual(made.recall("/a", 90), { value: 7, at: 10 });
  assert.equal(made.recall("/b", 90), undefined);
  assert.equal(made.size, 1);
});

test("what nobody watches goes when it is too old, or too much", () => {
  const { made } = shelf();
  for (const [key, at] of [
    ["/a", 10],
    ["/b", 20],
    ["/c", 30],
    ["/d", 40],
  ] as const)
    made.load(key, at, "1");
  made.remember("/watched", 1);
  made.prune(20, 100);
  assert.equal(made.size, 4);
  made.prune(20, 1);
  assert.equal(made.size, 2);
  assert.deepEqual([made.recall("/watched", 90)?.at, made.recall("/d", 90)?.at], [90, 40]);
});
