import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ok, type State, Var } from "../../../src/base/var.ts";
import { watch } from "../../../src/base/watch.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";

const half = { next: () => 0 };

describe("a watch", () => {
  it("attempts again with growing delays, and tells each failure once", async () => {
    const clock = new FakeClock();
    const starts: number[] = [];
    const told: string[] = [];
    const running = watch<number>({
      attempt: async () => {
        starts.push(clock.now());
        throw new Error("refused");
      },
      set: (state) => told.push(state.tag),
      outage: { failed: (cause) => told.push(cause.message), succeeded: () => told.push("up") },
      clock,
      random: half,
      retry: { minMs: 100, maxMs: 400 },
    });
    await clock.advanceAsync(750);
    assert.deepEqual(starts, [0, 50, 150, 350, 550, 750]);
    assert.deepEqual(told.slice(0, 4), ["refused", "failed", "refused", "failed"]);
    running[Symbol.dispose]();
    await turn();
    assert.equal(clock.waiting, 0);
  });

  it("begins with the shortest delay again after a success", async () => {
    const clock = new FakeClock();
    const starts: number[] = [];
    let up = false;
    using running = watch<number>({
      attempt: async (emit) => {
        starts.push(clock.now());
        if (up) emit(ok(1));
        throw new Error("lost");
      },
      set: () => undefined,
      clock,
      random: half,
    });
    await clock.advanceAsync(350);
    up = true;
    await clock.advanceAsync(500);
    assert.ok(running);
    assert.deepEqual(starts, [0, 50, 150, 350, 750, 800, 850]);
  });

  it("feeds a Var: stale while it fails, aborted and unheard once nobody observes", async () => {
    const clock = new FakeClock();
    let speak: (state: State<number>) => void = () => undefined;
    let aborted = false;
    const v = Var.source<number>(
      (set) =>
        watch({
          attempt: (emit, signal) =>
            new Promise((_resolve, reject) => {
              speak = emit;
              emit(ok(1));
              signal.addEventListener("abort", () => {
                aborted = true;
                reject(signal.reason as Error);
              });
            }),
          set,
          clock,
          random: half,
        }),
      { clock },
    );
    const heard: State<number>[] = [];
    const observing = v.observe((state) => heard.push(state));
    await turn();
    observing[Symbol.dispose]();
    await turn();
    speak(ok(2));
    assert.equal(aborted, true);
    assert.deepEqual(heard.at(-1), ok(1));
    assert.equal(clock.waiting, 0);
  });

  it("pauses between polls that go well", async () => {
    const clock = new FakeClock();
    let polls = 0;
    using running = watch<number>({
      attempt: async (emit) => emit(ok(++polls)),
      set: () => undefined,
      clock,
      random: half,
      pauseMs: 1000,
    });
    await clock.advanceAsync(3500);
    assert.ok(running);
    assert.equal(polls, 4);
  });
});
