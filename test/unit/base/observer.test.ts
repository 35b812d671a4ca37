import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { joinAs, Observer, withObserver, withoutObserver } from "../../../src/base/observer.ts";
import { ok, type State, Var } from "../../../src/base/var.ts";

/** Writes down what it hears, and leaves after so many states. */
class Reader extends Observer<number> {
  readonly heard: unknown[] = [];
  readonly #most: number;

  constructor(most = Infinity) {
    super();
    this.#most = most;
  }

  hear(state: State<number>): void {
    this.heard.push(state.tag === "ok" ? state.value : state.tag);
    if (this.heard.length >= this.#most) this[Symbol.dispose]();
  }
}

interface Source {
  running: number;
  say(value: number): void;
}

/** A source that says 1 as soon as it runs, and how many of it run. */
function speaking() {
  const source: Source = { running: 0, say: () => undefined };
  const spoken = Var.source<number>((set) => {
    source.running++;
    source.say = (value) => set(ok(value));
    set(ok(1));
    return { [Symbol.dispose]: () => void source.running-- };
  });
  return { source, spoken };
}

test("whoever observes itself hears what others hear, until it leaves", () => {
  const { source, spoken } = speaking();
  const reader = new Reader();
  joinAs(spoken, reader);
  source.say(2);
  reader[Symbol.dispose]();
  source.say(3);
  assert.deepEqual(reader.heard, [1, 2]);
  assert.equal(source.running, 0);
});

test("whoever leaves at the first state leaves nothing running, be it told while the source begins", () => {
  const { source, spoken } = speaking();
  const reader = new Reader(1);
  joinAs(spoken, reader);
  assert.deepEqual(reader.heard, [1]);
  assert.equal(source.running, 0);
});

test("a Var that knows functions only can be observed so as well, and be left at its first state", () => {
  for (const most of [1, 2]) {
    const { source, spoken } = speaking();
    const reader = new Reader(most);
    joinAs({ observe: (hear) => spoken.observe(hear) }, reader);
    source.say(2);
    source.say(3);
    assert.deepEqual(reader.heard, [1, 2].slice(0, most));
    assert.equal(source.running, 0);
  }
});

test("whoever leaves and comes back as it is told takes the news from nobody behind it", () => {
  const { source, spoken } = speaking();
  const [before, after] = [new Reader(), new Reader()];
  class Restless extends Reader {
    override hear(state: State<number>): void {
      super.hear(state);
      if (this.heard.length !== 2) return;
      this[Symbol.dispose]();
      joinAs(spoken, this);
    }
  }
  const restless = new Restless();
  for (const each of [before, restless, after]) joinAs(spoken, each);
  source.say(2);
  source.say(3);
  assert.deepEqual(
    [before.heard, after.heard],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  assert.deepEqual(restless.heard, [1, 2, 2, 3]);
  for (const each of [before, restless, after]) each[Symbol.dispose]();
  assert.equal(source.running, 0);
});

test("whoever is the only one and comes back while what it observes begins leaves one source running, and then none", () => {
  const { source, spoken } = speaking();
  const derived = Var.picked(spoken, (value) => value);
  let second: Disposable | undefined;
  const heard: unknown[] = [];
  const hear = (state: State<number>): void => void heard.push(state.tag === "ok" ? state.value : state.tag);
  class Once extends Reader {
    override hear(state: State<number>): void {
      if (state.tag !== "ok") return;
      this[Symbol.dispose]();
      second ??= derived.observe(hear);
    }
  }
  const once = new Once();
  joinAs(derived, once);
  source.say(2);
  assert.deepEqual([heard, source.running], [["pending", 1, 2], 1]);
  second?.[Symbol.dispose]();
  assert.equal(source.running, 0);
});

test("observers are a list in the order they came in, whoever of them leaves", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined })), (steps) => {
      let first: Observer<number> | undefined;
      const expected: Observer<number>[] = [];
      for (const leaving of steps) {
        const observer = leaving === undefined ? undefined : expected.splice(leaving, 1)[0];
        if (observer) first = withoutObserver(first, observer);
        else {
          expected.push(new Reader());
          first = withObserver(first, expected.at(-1) as Reader);
        }
        const found: Observer<number>[] = [];
        for (let each = first; each; each = each.next) found.push(each);
        assert.deepEqual(
          found.map((each) => expected.indexOf(each)),
          [...expected.keys()],
        );
      }
    }),
  );
});
