import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failed, ok, pending, type State, Var } from "../../../src/base/var.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { turn } from "../../../src/testing/fake-clock.ts";

/** A source that a test speaks through. */
class Source<T> {
  set: (state: State<T>) => void = () => assert.fail("not running");
  running = 0;
  starts = 0;
  readonly var: Var<T>;
  constructor(clock = new FakeClock(1000), equals?: (a: T, b: T) => boolean) {
    this.var = Var.source<T>(
      (set) => {
        this.running++;
        this.starts++;
        this.set = set;
        return { [Symbol.dispose]: () => void this.running-- };
      },
      { clock, ...(equals ? { equals } : {}) },
    );
  }
}

function recorded<T>(v: Var<T>): { states: State<T>[]; last: () => State<T> | undefined } & Disposable {
  const states: State<T>[] = [];
  const subscription = v.observe((state) => states.push(state));
  return { states, last: () => states.at(-1), [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

const shown = (states: readonly State<unknown>[]): unknown[] =>
  states.map((state) =>
    state.tag !== "ok"
      ? state.tag
      : state.stale
        ? `${String(state.value)} (${state.stale.cause.message})`
        : state.value,
  );

describe("a Var", () => {
  it("is pending, then what its source says, each change once", () => {
    const source = new Source<number>();
    using seen = recorded(source.var);
    source.set(ok(1));
    source.set(ok(1));
    source.set(ok(2));
    assert.deepEqual(shown(seen.states), ["pending", 1, 2]);
  });

  it("keeps its value and turns stale when the source fails, and clears with the next value", () => {
    const clock = new FakeClock(1000);
    const source = new Source<number>(clock);
    using seen = recorded(source.var);
    source.set(ok(1));
    clock.advance(500);
    source.set(failed(new Error("lost")));
    clock.advance(500);
    source.set(failed(new Error("refused")));
    assert.deepEqual(shown(seen.states), ["pending", 1, "1 (lost)", "1 (refused)"]);
    const last = seen.last();
    assert.equal(last?.tag === "ok" && last.stale?.since, 1500);
    source.set(ok(1));
    assert.deepEqual(shown(seen.states).at(-1), 1);
  });

  it("has failed only while no value was ever known", () => {
    const source = new Source<number>();
    using seen = recorded(source.var);
    source.set(failed(new Error("down")));
    source.set(failed(new Error("down")));
    source.set(pending);
    source.set(ok(1));
    source.set(pending);
    assert.deepEqual(shown(seen.states), ["pending", "failed", 1]);
  });

  it("starts its source with the first observer and ends it with the last", () => {
    const source = new Source<number>();
    assert.equal(source.running, 0);
    const first = source.var.observe(() => undefined);
    const second = source.var.observe(() => undefined);
    assert.equal(source.starts, 1);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    assert.equal(source.running, 1);
    second[Symbol.dispose]();
    assert.equal(source.running, 0);
  });

  it("forgets when nobody observes, and does not hear a source that was ended", () => {
    const source = new Source<number>();
    const subscription = source.var.observe(() => undefined);
    source.set(ok(1));
    const late = source.set;
    subscription[Symbol.dispose]();
    assert.equal(source.var.sample().tag, "pending");
    using seen = recorded(source.var);
    late(ok(7));
    assert.deepEqual(shown(seen.states), ["pending"]);
  });

  it("ends a source whose only observer left during the first value", () => {
    let running = 0;
    const v = Var.source<number>((set) => {
      running++;
      set(ok(1));
      return { [Symbol.dispose]: () => void running-- };
    });
    const self: { subscription?: Disposable; heard: number } = { heard: 0 };
    const leave = v.map((n) => n).flatMap(() => Var.of(0));
    self.subscription = leave.observe(() => self.heard++);
    self.subscription[Symbol.dispose]();
    assert.equal(running, 0);
    assert.equal(self.heard, 1);
  });

  it("delivers what an observer sets after what is being delivered", () => {
    const source = new Source<number>();
    const heard: string[] = [];
    using first = source.var.observe((state) => {
      heard.push(`a${shown([state])[0]}`);
      if (state.tag === "ok" && state.value === 1) source.set(ok(2));
    });
    using second = source.var.observe((state) => heard.push(`b${shown([state])[0]}`));
    source.set(ok(1));
    assert.deepEqual(heard, ["apending", "bpending", "a1", "b1", "a2", "b2"]);
    assert.ok(first && second);
  });

  it("forgets what waits to be delivered when the last observer leaves", () => {
    const source = new Source<number>();
    const handle: { leave?: Disposable } = {};
    handle.leave = source.var.observe((state) => {
      if (state.tag !== "ok") return;
      source.set(ok(2));
      handle.leave?.[Symbol.dispose]();
    });
    source.set(ok(1));
    assert.deepEqual([source.running, source.var.sample()], [0, pending]);
  });

  it("goes on for the others when one observer throws", async () => {
    const source = new Source<number>();
    const thrown: unknown[] = [];
    const catcher = (error: unknown): void => void thrown.push(error);
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", catcher);
    using thrower = source.var.observe((state) => {
      if (state.tag === "ok") throw new Error("bug");
    });
    using seen = recorded(source.var);
    source.set(ok(1));
    source.set(ok(2));
    await turn();
    process.off("uncaughtException", catcher);
    for (const each of before) process.on("uncaughtException", each);
    assert.deepEqual(shown(seen.states), ["pending", 1, 2]);
    assert.equal(thrown.length, 2);
    assert.ok(thrower);
  });

  it("has failed when its source cannot start", () => {
    const v = Var.source<number>(() => {
      throw new Error("no such file");
    });
    using seen = recorded(v);
    assert.deepEqual(shown(seen.states), ["failed"]);
  });

  it("shows the newest revision when sampled, and publishes nothing for it", () => {
    const source = new Source<number>();
    const doubled = source.var.map((n) => n * 2);
    using seen = recorded(doubled);
    source.set(ok(1, { revision: "a" }));
    source.set(ok(1, { revision: "b", confirmedAt: 5 }));
    assert.equal(seen.states.length, 2);
    assert.deepEqual(doubled.sample(), { tag: "ok", value: 2, revision: "b", confirmedAt: 5 });
  });
});

describe("map", () => {
  it("calls its function once a value, not for staleness, and passes staleness on", () => {
    const source = new Source<number>();
    let calls = 0;
    using seen = recorded(source.var.map((n) => (calls++, n * 2)));
    source.set(ok(1));
    source.set(failed(new Error("lost")));
    source.set(ok(1));
    assert.deepEqual(shown(seen.states), ["pending", 2, "2 (lost)", 2]);
    assert.equal(calls, 1);
  });

  it("fails when its function throws, and recovers", () => {
    const source = new Source<number>();
    using seen = recorded(
      source.var.map((n) => {
        if (n === 2) throw new Error("two");
        return n;
      }),
    );
    source.set(ok(1));
    source.set(ok(2));
    source.set(ok(3));
    assert.deepEqual(shown(seen.states), ["pending", 1, "1 (two)", 3]);
  });
});

describe("flatMap", () => {
  it("lets the old inner Var serve, and move, until the new one is known", () => {
    const outer = new Source<string>();
    const inner = { a: new Source<number>(), b: new Source<number>() };
    const v = outer.var.flatMap((key) => inner[key as "a" | "b"].var);
    using seen = recorded(v);
    outer.set(ok("a"));
    inner.a.set(ok(1));
    outer.set(ok("b"));
    inner.a.set(ok(2));
    inner.b.set(failed(new Error("down")));
    inner.a.set(ok(3));
    assert.deepEqual(shown(seen.states), ["pending", 1, 2, "2 (down)", "3 (down)"]);
    assert.deepEqual([inner.a.running, inner.b.running], [1, 1]);
    inner.b.set(ok(10));
    assert.equal(shown(seen.states).at(-1), 10);
    assert.deepEqual([inner.a.running, inner.b.running], [0, 1]);
  });

  it("dates the staleness of what serves by the first failure of the new inner Var", () => {
    const clock = new FakeClock(1000);
    const outer = new Source<string>(clock);
    const inner = { a: new Source<number>(clock), b: new Source<number>(clock), c: new Source<number>(clock) };
    using seen = recorded(outer.var.flatMap((key) => inner[key as "a" | "b" | "c"].var));
    outer.set(ok("a"));
    inner.a.set(ok(1));
    outer.set(ok("b"));
    inner.b.set(failed(new Error("down")));
    clock.advance(500);
    inner.b.set(failed(new Error("refused")));
    const stale = (): unknown => {
      const last = seen.last();
      return last?.tag === "ok" && last.stale && [last.stale.since, last.stale.cause.message];
    };
    assert.deepEqual(stale(), [1000, "refused"]);
    outer.set(ok("c"));
    inner.c.set(failed(new Error("gone")));
    assert.deepEqual(stale(), [1500, "gone"]);
  });

  it("does not choose again when only the staleness of the outer value changes", () => {
    const outer = new Source<string>();
    let chosen = 0;
    const v = outer.var.flatMap(() => Var.of(++chosen));
    using seen = recorded(v);
    outer.set(ok("a"));
    outer.set(failed(new Error("lost")));
    outer.set(ok("a"));
    assert.deepEqual(shown(seen.states), ["pending", 1, "1 (lost)", 1]);
    assert.equal(chosen, 1);
  });

  it("keeps a source running that the old and the new inner Var share", () => {
    const outer = new Source<number>();
    const inner = new Source<number>();
    using seen = recorded(outer.var.flatMap((n) => inner.var.map((m) => n * m)));
    outer.set(ok(2));
    outer.set(ok(3));
    inner.set(ok(5));
    outer.set(ok(4));
    assert.equal(inner.starts, 1);
    assert.deepEqual(shown(seen.states), ["pending", 15, 20]);
  });

  it("returns to the old inner Var while the new one was never known", () => {
    const outer = new Source<string>();
    const inner = { a: new Source<number>(), b: new Source<number>() };
    const v = outer.var.flatMap((key) => inner[key as "a" | "b"].var);
    const seen = recorded(v);
    outer.set(ok("a"));
    inner.a.set(ok(1));
    outer.set(ok("b"));
    outer.set(ok("a"));
    assert.deepEqual([inner.a.running, inner.a.starts, inner.b.running], [1, 1, 0]);
    inner.a.set(ok(2));
    assert.deepEqual(shown(seen.states), ["pending", 1, 2]);
    seen[Symbol.dispose]();
    assert.deepEqual([outer.running, inner.a.running], [0, 0]);
  });
});

describe("combine", () => {
  it("publishes whole pictures only, and ends all sources", () => {
    const sources = [new Source<number>(), new Source<number>()];
    const sum = Var.combine(
      sources.map((each) => each.var),
      (states) => {
        const values = states.map((state) => (state.tag === "ok" ? state.value : undefined));
        return values.includes(undefined) ? pending : ok(values.reduce<number>((a, b) => a + (b ?? 0), 0));
      },
    );
    const seen = recorded(sum);
    sources[0]?.set(ok(1));
    sources[1]?.set(ok(2));
    sources[0]?.set(ok(3));
    assert.deepEqual(shown(seen.states), ["pending", 3, 5]);
    seen[Symbol.dispose]();
    assert.deepEqual(
      sources.map((each) => each.running),
      [0, 0],
    );
  });

  it("of nothing is what its function makes of nothing", () => {
    using seen = recorded(Var.combine([], () => ok("empty")));
    assert.deepEqual(shown(seen.states), ["empty"]);
  });
});

describe("picked", () => {
  it("says what is found, once, and keeps it while nothing is", () => {
    const source = new Source<number>();
    const even = Var.picked(source.var, (value) => (value % 2 === 0 ? Math.floor(value / 10) : undefined));
    using heard = recorded(even);
    for (const value of [1, 20, 3, 22, 40]) source.set(ok(value));
    assert.deepEqual(shown(heard.states), ["pending", 2, 4]);
    const cause = new Error("away");
    source.set(failed(cause));
    const last = heard.last();
    assert.ok(last?.tag === "ok" && last.value === 4 && last.stale?.cause === cause);
  });
});

describe("observers", () => {
  it("may leave, and others come, while one of them is told", () => {
    const source = new Source<number>();
    const told: string[] = [];
    let late: Disposable | undefined;
    using first = source.var.observe((state) => {
      told.push(`first ${state.tag}`);
      if (state.tag !== "ok") return;
      second[Symbol.dispose]();
      third[Symbol.dispose]();
      late ??= source.var.observe((each) => void told.push(`late ${each.tag}`));
    });
    const second = source.var.observe((state) => void told.push(`second ${state.tag}`));
    const third = source.var.observe((state) => void told.push(`third ${state.tag}`));
    using fourth = source.var.observe((state) => void told.push(`fourth ${state.tag}`));
    told.length = 0;
    source.set(ok(1));
    assert.deepEqual(told, ["first ok", "late ok", "fourth ok"]);
    late?.[Symbol.dispose]();
    assert.ok(first && fourth);
  });
});

describe("presence", () => {
  it("moves only when the value appears or vanishes; the content moves with every value", () => {
    const source = new Source<number | undefined>();
    using outer = recorded(Var.presence(source.var));
    source.set(ok(1));
    const state = outer.last();
    assert.ok(state?.tag === "ok" && state.value);
    using content = recorded(state.value);
    source.set(ok(2));
    source.set(ok(undefined));
    source.set(ok(3));
    assert.deepEqual(shown(content.states), [1, 2, 3]);
    assert.deepEqual(
      outer.states.map((each) => (each.tag === "ok" ? each.value !== undefined : each.tag)),
      ["pending", true, false, true],
    );
    assert.equal(source.starts, 1);
  });
});
