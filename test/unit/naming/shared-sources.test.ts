import assert from "node:assert/strict";
import { test } from "node:test";
import { ok, type State } from "../../../src/base/var.ts";
import { SharedSources } from "../../../src/naming/shared-sources.ts";

function counted() {
  const sources = new SharedSources<number>();
  let running = 0;
  let started = 0;
  let set: (state: State<number>) => void = () => undefined;
  const start = (told: (state: State<number>) => void): Disposable => {
    running++;
    started++;
    set = told;
    return { [Symbol.dispose]: () => void running-- };
  };
  return { sources, start, counts: () => ({ running, started }), tell: (value: number) => set(ok(value)) };
}

test("two Vars of one key share a source, which runs until the last observer leaves", () => {
  const { sources, start, counts, tell } = counted();
  const one = sources.of("k", start);
  const other = sources.of("k", start);
  assert.deepEqual(counts(), { running: 0, started: 0 });
  const heard: State<number>[] = [];
  const first = one.observe(() => undefined);
  const second = other.observe((state) => void heard.push(state));
  assert.deepEqual(counts(), { running: 1, started: 1 });
  tell(7);
  assert.equal(heard.at(-1)?.tag === "ok" && heard.length, 2);
  first[Symbol.dispose]();
  assert.deepEqual(counts(), { running: 1, started: 1 });
  second[Symbol.dispose]();
  assert.deepEqual(counts(), { running: 0, started: 1 });
});

test("who comes later hears at once what is known", () => {
  const { sources, start, tell } = counted();
  using early = sources.of("k", start).observe(() => undefined);
  tell(7);
  const heard: State<number>[] = [];
  using late = sources.of("k", start).observe((state) => void heard.push(state));
  assert.deepEqual(
    heard.map((state) => state.tag === "ok" && state.value),
    [7],
  );
  assert.ok(early && late);
});

test("another key, and the same key after it ended, has a source of its own", () => {
  const { sources, start, counts } = counted();
  const ended = sources.of("k", start).observe(() => undefined);
  ended[Symbol.dispose]();
  using again = sources.of("k", start).observe(() => undefined);
  using other = sources.of("l", start).observe(() => undefined);
  assert.deepEqual(counts(), { running: 2, started: 3 });
  assert.ok(again && other);
});
