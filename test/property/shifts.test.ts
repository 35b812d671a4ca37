/** Whatever happens to a shift, in whatever order, on however many daemons: what is promised of its weights holds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LogLinearHistogram } from "../../src/base/histogram.ts";
import { decodeShift, encodeShift } from "../../src/bridge/shift-codec.ts";
import { ShiftDriver } from "../../src/bridge/shift-driver.ts";
import { judge } from "../../src/bridge/shift-guard.ts";
import { begin, follow, type Order } from "../../src/bridge/shift-orders.ts";
import { overlayOf } from "../../src/bridge/shift-overlay.ts";
import { readPlan } from "../../src/bridge/shift-plan.ts";
import { reconcile } from "../../src/bridge/shift-reconcile.ts";
import type { Tally } from "../../src/bridge/shift-samples.ts";
import { HISTORY, isOver, type Shift, type Side, type Verb, weightsOf } from "../../src/bridge/shift.ts";
import { Shifts } from "../../src/bridge/shifts.ts";
import { FakeClock, turn } from "../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { type MemoryStore, SharedDocuments } from "../fakes/memory-store.ts";

const steps = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 5 })
  .map((percents) => [...percents.sort((a, b) => a - b), 100]);

const planOf = (percents: readonly number[]) =>
  readPlan({
    path: "/svc/users",
    from: "/#/old",
    to: "/#/new",
    steps: percents,
    bakeMs: 5_000,
    guard: { minRequests: 50 },
  });

const followed = ["pause", "resume", "advance", "finish", "rollback", "breach", "ack"] as const;
const verbs = fc.array(fc.constantFrom<Verb>("plan", "start", ...followed), { minLength: 1, maxLength: 40 });
const orderAt = (at: number): Order => ({ who: "ada", why: "because", at });

/** Every change of one that was begun, by these verbs; what is refused changes nothing. */
function history(percents: readonly number[], given: readonly Verb[]): readonly Shift[] {
  const shifts: Shift[] = [];
  given.forEach((verb, at) => {
    const before = shifts.at(-1);
    if (before === undefined && verb !== "plan" && verb !== "start") return;
    const ordered =
      verb === "plan" || verb === "start"
        ? begin(before, planOf(percents), verb, orderAt(at))
        : follow(before as Shift, verb, orderAt(at));
    if (ordered.tag === "changed") shifts.push(ordered.shift);
  });
  return shifts;
}

test("weights are those of the step, add up to 100, and are never both 0", () => {
  fc.assert(
    fc.property(steps, verbs, (percents, given) => {
      for (const shift of history(percents, given)) {
        const weights = weightsOf(shift);
        if (weights === undefined) continue;
        assert.equal(Math.round(weights.from * 100 + weights.to * 100), 10_000);
        const { stage } = shift;
        if (stage.state === "rolled-back") assert.equal(weights.to, 0);
        if (stage.state === "running") assert.equal(weights.to, percents[stage.step]);
        const [line] = overlayOf([{ plan: shift.plan, weights }]).dentries;
        assert.equal(line?.place, `shift users ${weights.to} %`);
      }
    }),
  );
});

test("from one change to the next, `to` gains one step at most, and only by an advance or a start", () => {
  fc.assert(
    fc.property(steps, verbs, (percents, given) => {
      let before: Shift | undefined;
      for (const shift of history(percents, given)) {
        const [was, is] = [before && weightsOf(before)?.to, weightsOf(shift)?.to];
        const verb = shift.history.at(-1)?.verb;
        if (is !== undefined && is > (was ?? 0) && before?.run === shift.run) {
          assert.ok(verb === "advance" || verb === "resume", String(verb));
          assert.equal(percents.indexOf(is), was === undefined ? 0 : percents.indexOf(was) + 1);
        }
        before = shift;
      }
    }),
  );
});

test("a rolled-back run stays so until it is acknowledged, and then a new run begins at the first step", () => {
  fc.assert(
    fc.property(steps, verbs, (percents, given) => {
      let before: Shift | undefined;
      for (const shift of history(percents, given)) {
        if (before?.stage.state === "rolled-back" && before.run === shift.run) {
          assert.equal(shift.stage.state, "rolled-back");
          assert.ok("acknowledged" in shift.stage && shift.stage.acknowledged);
        }
        if (before !== undefined && before.run !== shift.run) assert.ok(isOver(before.stage));
        before = shift;
      }
    }),
  );
});

test("the history is complete: each change is a record that follows on the one before it", () => {
  fc.assert(
    fc.property(steps, verbs, (percents, given) => {
      const all = history(percents, given);
      const last = all.at(-1);
      if (last === undefined) return;
      assert.equal(last.revision, all.length);
      assert.equal(last.history.length, Math.min(HISTORY, all.length));
      last.history.forEach((record, at) => {
        assert.equal(record.revision, all.length - last.history.length + at + 1);
        if (at > 0) assert.deepEqual(record.before, last.history[at - 1]?.after);
      });
    }),
  );
});

test("a document reads back as the shift it was written from", () => {
  fc.assert(
    fc.property(steps, verbs, (percents, given) => {
      for (const shift of history(percents, given)) assert.deepEqual(decodeShift(encodeShift(shift)), shift);
    }),
  );
});

test("of two versions of a run the way back survives, whichever is newer", () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 6 }), fc.nat({ max: 6 }), (percents, ahead, behind) => {
      const advanced = (n: number): Shift =>
        history(percents, ["start", ...Array<Verb>(n).fill("advance")]).at(-1) as Shift;
      const back = follow(advanced(behind), "breach", orderAt(9));
      assert.ok(back.tag === "changed");
      const { shift } = reconcile(back.shift, advanced(ahead));
      assert.equal(shift.stage.state, "rolled-back");
      assert.ok(shift.revision >= advanced(ahead).revision);
    }),
  );
});

const answers = (requests: number, failures: number, ms: number): Tally => {
  const times = new LogLinearHistogram();
  for (let n = 0; n < requests; n++) times.record(ms);
  return { successes: requests - failures, failures, times: times.snapshot() };
};

test("what is judged good has been asked often enough on both sides, and is below every limit", () => {
  const side = fc.record({
    requests: fc.nat({ max: 800 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    ms: fc.integer({ min: 1, max: 90 }),
  });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 600 }), (old, now, minRequests) => {
      const tallyOf = ({ requests, share, ms }: typeof old): Tally =>
        answers(requests, Math.floor(requests * share), ms);
      const [from, to] = [tallyOf(old), tallyOf(now)];
      const guard = { successDelta: 0.05, p99Ratio: 1.5, minRequests };
      const verdict = judge(guard, { from, to });
      if (verdict.tag !== "good") return;
      assert.ok(old.requests >= minRequests && now.requests >= minRequests);
      assert.ok(to.failures / now.requests - from.failures / old.requests <= guard.successDelta);
      assert.ok(
        to.times.percentile(0.99) <= Math.max(from.times.percentile(0.99) * 1.5, from.times.percentile(0.99) + 1),
      );
    }),
    { numRuns: 60 },
  );
});

/** One daemon of several that share a store: its callers, and what each side answers them. */
class Daemon implements Disposable {
  readonly store: MemoryStore;
  readonly shifts: Shifts;
  readonly driver: ShiftDriver;
  readonly counts = { from: { ok: 0, bad: 0 }, to: { ok: 0, bad: 0 } };

  constructor(shared: SharedDocuments, clock: FakeClock, name: string) {
    this.store = shared.store();
    const log = new RecordingLog();
    this.shifts = new Shifts({ store: this.store, clock, log });
    const tally = (side: Side): Tally => {
      const { ok, bad } = this.counts[side];
      return { successes: ok, failures: bad, times: answers(0, 0, 1).times };
    };
    const measure = () =>
      new Map([["/svc/users", { from: new Map([["old", tally("from")]]), to: new Map([["new", tally("to")]]) }]]);
    this.driver = new ShiftDriver({ shifts: this.shifts, measure, clock, log, daemon: name });
  }

  get shift(): Shift | undefined {
    return this.shifts.all[0];
  }

  /** As the weights have it; `isBad`: all that `to` answers are failures. */
  serve(requests: number, isBad: boolean): void {
    const to = this.shift === undefined ? 0 : (weightsOf(this.shift)?.to ?? 0);
    const many = Math.round((requests * to) / 100);
    this.counts.from.ok += requests - many;
    this.counts.to[isBad ? "bad" : "ok"] += many;
  }

  [Symbol.dispose](): void {
    this.driver[Symbol.dispose]();
    this.shifts[Symbol.dispose]();
  }
}

type Happening =
  | { readonly kind: "serve"; readonly daemon: number; readonly requests: number; readonly isBad: boolean }
  | { readonly kind: "cut" | "join" | "rollback" | "pause" | "resume"; readonly daemon: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("serve" as const),
      daemon: fc.nat({ max: 1 }),
      requests: fc.constantFrom(0, 40, 4_000),
      isBad: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("cut" as const, "join" as const, "rollback" as const, "pause" as const, "resume" as const),
      daemon: fc.nat({ max: 1 }),
    }),
  },
);

/** So many failures of so many answers that nobody could miss it. */
function isPlainBreach(happened: Happening, shift: Shift | undefined): boolean {
  if (happened.kind !== "serve" || !happened.isBad || shift === undefined) return false;
  const to = weightsOf(shift)?.to ?? 0;
  const isDriven = shift.stage.state === "running" || shift.stage.state === "paused";
  return isDriven && to < 100 && (happened.requests * to) / 100 >= 60;
}

async function settle(): Promise<void> {
  for (let n = 0; n < 4; n++) await turn();
}

test("two daemons that share a store: no step without samples, a breach is back at once, and both agree in the end", async () => {
  let breaches = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.array(happening, { maxLength: 60 }), async (percents, happenings) => {
      const clock = new FakeClock();
      const shared = new SharedDocuments();
      using a = new Daemon(shared, clock, "a");
      using b = new Daemon(shared, clock, "b");
      const daemons = [a, b];
      await a.shifts.begin(planOf(percents), "start", orderAt(clock.wall()));
      await settle();
      let measured: readonly (Shift | undefined)[] = [];
      for (const happened of happenings) {
        const daemon = daemons[happened.daemon] as Daemon;
        if (happened.kind === "serve") daemon.serve(happened.requests, happened.isBad);
        else if (happened.kind === "cut" || happened.kind === "join") daemon.store.isDown = happened.kind === "cut";
        else {
          const ordering = daemon.shifts.order("users", happened.kind, orderAt(clock.wall())).catch(() => undefined);
          await settle();
          clock.advance(0);
          void ordering;
        }
        const stages = daemons.map(({ shift }) => shift);
        const isMeasured = stages[happened.daemon] === measured[happened.daemon];
        clock.advance(500);
        await settle();
        if (isMeasured && isPlainBreach(happened, stages[happened.daemon])) {
          breaches++;
          assert.equal(daemon.shift?.stage.state, "rolled-back");
        }
        measured = daemons.map(({ shift }) => shift);
        daemons.forEach(({ shift, counts }, at) => {
          const before = stages[at];
          if (before === undefined || shift === undefined || before.revision === shift.revision) return;
          const last = shift.history.at(-1);
          if (last?.verb !== "advance" || last.who !== "ab"[at]) return;
          assert.ok(counts.from.ok + counts.from.bad >= 50 && counts.to.ok + counts.to.bad >= 50, "it had no samples");
        });
      }
      const wasBack = daemons.some(({ shift }) => shift?.stage.state === "rolled-back");
      for (const daemon of daemons) daemon.store.isDown = false;
      for (let n = 0; n < 20; n++) {
        clock.advance(1_000);
        await settle();
      }
      assert.deepEqual(a.shift, b.shift);
      assert.equal(a.shifts.store.owed.length + b.shifts.store.owed.length, 0);
      if (wasBack) assert.equal(a.shift?.stage.state, "rolled-back");
      if (a.shift?.stage.state === "rolled-back") assert.deepEqual(a.shift && weightsOf(a.shift), { from: 100, to: 0 });
    }),
    { numRuns: 200 },
  );
  assert.ok(breaches >= 10, `${breaches} breaches`);
});
