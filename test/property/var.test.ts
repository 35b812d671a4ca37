import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { failed, ok, pending, type State, Var, withTrouble } from "../../src/base/var.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

/** A source that a test speaks through; it counts how often it runs. */
class Source<T> {
  running = 0;
  #set: ((state: State<T>) => void) | undefined;
  #last: State<T> | undefined;
  readonly var: Var<T>;
  /** With `repeats` it says at its start what it said last, as a source does that others keep warm. */
  constructor(clock: FakeClock, equals?: (a: T, b: T) => boolean, repeats = false) {
    const start = (set: (state: State<T>) => void): Disposable => {
      this.running++;
      this.#set = set;
      if (repeats && this.#last) set(this.#last);
      return { [Symbol.dispose]: () => void this.running-- };
    };
    this.var = Var.source<T>(start, { clock, ...(equals ? { equals } : {}) });
  }
  /** What an ended source says must not be heard, so it keeps speaking. */
  set(state: State<T>): void {
    this.#last = state;
    this.#set?.(state);
  }
}

const said = fc.oneof(
  { weight: 4, arbitrary: fc.nat(3).map((value): State<number> => ok(value)) },
  { weight: 2, arbitrary: fc.constantFrom("down", "lost").map((why): State<number> => failed(new Error(why))) },
  { weight: 1, arbitrary: fc.constant<State<number>>(pending) },
);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("set" as const), source: fc.nat(3), state: said }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("observe" as const), source: fc.nat(3), state: said }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), source: fc.nat(3), state: said }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), source: fc.nat(3), state: said }) },
);

/** Two states that an observer may not tell apart. */
function same<T>(a: State<T>, b: State<T>): boolean {
  const key = (state: State<T>): unknown =>
    state.tag === "ok"
      ? [state.value, state.stale?.since, state.stale?.cause.message]
      : [state.tag, state.tag === "failed" && state.cause.message];
  return JSON.stringify(key(a)) === JSON.stringify(key(b));
}

/** What an observed source's Var says after `next`, written as naively as can be. */
function modelled(before: State<number>, next: State<number>, now: number): State<number> {
  if (next.tag === "pending") return before;
  if (before.tag === "ok" && next.tag === "failed") {
    return ok(before.value, { stale: { since: before.stale?.since ?? now, cause: next.cause } });
  }
  return next;
}

/** Everything an observer heard, checked as it comes: laws (i) and (iii). */
class Listener<T> implements Disposable {
  readonly heard: State<T>[] = [];
  readonly #subscription: Disposable;
  constructor(of: Var<T>, also: (state: State<T>) => void = () => undefined) {
    this.#subscription = of.observe((state) => {
      const before = this.heard.at(-1);
      if (before?.tag === "ok") assert.equal(state.tag, "ok", "once ok, never less");
      if (before) assert.ok(!same(before, state), "equal states are published once");
      this.heard.push(state);
      also(state);
    });
    assert.equal(this.heard.length > 0, true, "an observer hears the current state at once");
  }
  get last(): State<T> {
    return this.heard.at(-1) as State<T>;
  }
  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }
}

describe("the laws of a Var", () => {
  it("holds a source to the naive model: laws (i), (ii), (iii), (v) and (vi)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const clock = new FakeClock(0);
        const source = new Source<number>(clock);
        let listeners: Listener<number>[] = [];
        let model: State<number> = pending;
        for (const each of steps) {
          if (each.do === "wait") clock.advance(10);
          if (each.do === "observe") listeners.push(new Listener(source.var));
          if (each.do === "leave") {
            listeners.shift()?.[Symbol.dispose]();
            if (listeners.length === 0) model = pending;
          }
          if (each.do === "set") {
            source.set(each.state);
            if (listeners.length > 0) model = modelled(model, each.state, clock.wall());
          }
          assert.equal(source.running, listeners.length > 0 ? 1 : 0, "runs exactly while observed");
          assert.ok(same(source.var.sample(), model));
          for (const listener of listeners) assert.ok(same(listener.last, model));
        }
        for (const listener of listeners) listener[Symbol.dispose]();
        listeners = [];
        assert.deepEqual([source.running, source.var.sample()], [0, pending]);
      }),
    );
  });

  it("delivers what an observer sets after what is being delivered, to all in the same order: law (iv)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 10, size: "max" }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 10, size: "max" }),
        fc.integer({ min: 1, max: 4 }),
        (rules, values, observers) => {
          const source = new Source<number>(new FakeClock(0));
          const left = new Map(rules.map(([on, then], at) => [at, { on, next: then }]));
          let depth = 0;
          const listeners = Array.from({ length: observers }, () => {
            return new Listener(source.var, (state) => {
              depth++;
              assert.equal(depth, 1, "no notification inside a notification");
              for (const [at, { on, next }] of left) {
                if (state.tag !== "ok" || state.value !== on) continue;
                left.delete(at);
                source.set(ok(next));
              }
              depth--;
            });
          });
          for (const value of values) source.set(ok(value));
          for (const { heard } of listeners) assert.deepEqual(heard, listeners[0]?.heard);
          for (const listener of listeners) listener[Symbol.dispose]();
          assert.equal(source.running, 0);
        },
      ),
    );
  });

  it("survives observers that come and go inside notifications", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(3)), { maxLength: 40, size: "max" }), (script) => {
        const source = new Source<number>(new FakeClock(0));
        const live = new Set<Disposable>();
        let at = 0;
        const act = (): void => {
          const [what, value] = script[at++] ?? [9, 0];
          if (what <= 1) join();
          else if (what === 2) leave();
          else if (what === 3) source.set(failed(new Error("down")));
          else if (what <= 5) source.set(ok(value));
        };
        const leave = (): void => {
          const [first] = live;
          if (!first) return;
          live.delete(first);
          first[Symbol.dispose]();
        };
        const join = (): void => {
          let told = 0;
          const subscription = source.var.observe(() => {
            told++;
            if (told < 3) act();
          });
          assert.ok(told > 0);
          live.add(subscription);
        };
        while (at < script.length) act();
        assert.equal(source.running, live.size > 0 ? 1 : 0);
        while (live.size > 0) leave();
        assert.equal(source.running, 0);
      }),
    );
  });
});

describe("the laws of what is derived", () => {
  /** map over combine over flatMap: `sources[0]` chooses among the others. */
  function derived(sources: readonly Source<number>[]): Var<string> {
    const [chooser, ...inner] = sources as [Source<number>, ...Source<number>[]];
    const chosen = chooser.var.flatMap((n) => (inner[n % inner.length] as Source<number>).var.map((m) => n * 10 + m));
    const both = Var.combine([chosen, chooser.var], ([a, b]) => {
      if (a?.tag !== "ok") return a ?? pending;
      return withTrouble(ok(a.value, a.stale && { stale: a.stale }), b ?? pending);
    });
    return both.map(String);
  }

  it("leaves no source running, never loses a value, and shows trouble upstream until it clears", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), fc.boolean(), (steps, repeats) => {
        const clock = new FakeClock(0);
        const sources = Array.from({ length: 4 }, () => new Source<number>(clock, undefined, repeats));
        const v = derived(sources);
        const listeners: Listener<string>[] = [];
        for (const each of steps) {
          if (each.do === "wait") clock.advance(10);
          if (each.do === "observe") listeners.push(new Listener(v));
          if (each.do === "leave") listeners.shift()?.[Symbol.dispose]();
          if (each.do === "set") sources[each.source]?.set(each.state);
          for (const listener of listeners) assert.ok(same(listener.last, listeners[0]?.last as State<string>));
          const [chooser, ...inner] = sources as [Source<number>, ...Source<number>[]];
          assert.equal(chooser.running, listeners.length > 0 ? 1 : 0);
          const following = inner.filter(({ running }) => running > 0).length;
          assert.ok(following <= (listeners.length > 0 ? 2 : 0), "the chosen one, and the one that serves");
          if (listeners.length === 0) assert.equal(v.sample().tag, "pending");
          const state = listeners[0]?.last;
          const outer = chooser.var.sample();
          if (state?.tag !== "ok" || outer.tag !== "ok") continue;
          const chosen = inner[outer.value % inner.length]?.var.sample();
          const isTrouble =
            outer.stale !== undefined || chosen?.tag === "failed" || (chosen?.tag === "ok" && !!chosen.stale);
          if (chosen?.tag !== "pending")
            assert.equal(state.stale !== undefined, isTrouble, "trouble is seen, and clears");
          if (chosen?.tag === "ok") assert.equal(state.value, String(outer.value * 10 + chosen.value));
        }
        for (const listener of listeners) listener[Symbol.dispose]();
        for (const source of sources) assert.equal(source.running, 0, "no source runs when nobody observes");
      }),
    );
  });

  it("leaves no source running when observers leave inside notifications", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), fc.nat(5), (steps, patience) => {
        const clock = new FakeClock(0);
        const sources = Array.from({ length: 4 }, () => new Source<number>(clock, undefined, true));
        const v = derived(sources);
        const live = new Set<Disposable>();
        const join = (): void => {
          let told = 0;
          const handle: { subscription?: Disposable } = {};
          const leave = (): void => {
            if (handle.subscription) live.delete(handle.subscription);
            handle.subscription?.[Symbol.dispose]();
          };
          handle.subscription = v.observe(() => (++told > patience ? leave() : undefined));
          live.add(handle.subscription);
        };
        for (const each of steps) {
          if (each.do === "observe") join();
          if (each.do === "set") sources[each.source]?.set(each.state);
          assert.equal(sources[0]?.running, live.size > 0 ? 1 : 0);
          if (live.size === 0) for (const source of sources) assert.equal(source.running, 0);
        }
        for (const subscription of live) subscription[Symbol.dispose]();
        for (const source of sources) assert.equal(source.running, 0);
      }),
    );
  });

  it("calls equal what the given equality calls equal, at every stage", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 40, size: "max" }), (values) => {
        const parity = (a: number, b: number): boolean => a % 2 === b % 2;
        const source = new Source<number>(new FakeClock(0), (a, b) => a === b);
        using seen = new Listener(source.var.map((n) => n + 1, { equals: parity }));
        for (const value of values) source.set(ok(value));
        const runs = values.filter((value, at) => at === 0 || value % 2 !== (values[at - 1] as number) % 2).length;
        assert.equal(seen.heard.length, 1 + runs);
      }),
    );
  });

  it("splits existence from content: the outer moves with appearance, the inner with every value", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(3), { nil: undefined }), { maxLength: 40, size: "max" }), (values) => {
        const source = new Source<number | undefined>(new FakeClock(0));
        const outer = new Listener(Var.presence(source.var));
        const content = new Listener(Var.presence(source.var).flatMap((inner) => inner ?? Var.of(-1)));
        for (const value of values) source.set(ok(value));
        const changes = values.filter(
          (value, at) => at === 0 || (value === undefined) !== (values[at - 1] === undefined),
        );
        assert.equal(outer.heard.length, 1 + changes.length);
        const inners = outer.heard.flatMap((state) => (state.tag === "ok" && state.value ? [state.value] : []));
        assert.ok(new Set(inners).size <= 1, "the content is the same Var each time");
        const last = values.at(-1);
        if (values.length > 0) assert.deepEqual(content.last, ok(last ?? -1));
        outer[Symbol.dispose]();
        content[Symbol.dispose]();
        assert.equal(source.running, 0);
      }),
    );
  });
});
