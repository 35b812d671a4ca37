/** Drives the shifts that run: measures both sides, goes on when it was good for long enough, and back on a breach. */
import type { Log } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { judge, type Verdict } from "./shift-guard.ts";
import type { Order } from "./shift-orders.ts";
import { type Measured, noTally, requestsOf, ShiftSamples, type Tallies, type Tally } from "./shift-samples.ts";
import { type Shift, type Verb, weightsOf } from "./shift.ts";
import type { Shifts } from "./shifts.ts";

export interface ShiftDriverParts {
  readonly shifts: Shifts;
  /** What this daemon's callers were answered until now, by either side: read at one moment. A cluster that has answered nobody is there too. */
  readonly measure: (shift: Shift) => Measured;
  readonly clock: Clock;
  readonly log: Log;
  /** Who is written into the records. */
  readonly daemon: string;
}

/** What people are shown of a shift that is driven. */
export interface Driven {
  readonly verdict: Verdict;
  /** Of the step, until now. */
  readonly bakedMs: number;
  readonly sides: Tallies;
}

/** A breach is seen at most this late. */
const LOOK_MS = 500;
const RETRY_MS = 10_000;
const NOT_LOOKED: Verdict = { tag: "wait", why: "nothing is measured yet" };

/** One step of one run. */
interface Watch {
  readonly key: string;
  readonly samples: ShiftSamples;
  /** Of the step before: all there is to go by where `from` is sent nothing any more. */
  readonly former: ShiftSamples | undefined;
  /** Monotonic; a pause begins it anew. */
  since: number;
  isPaused: boolean;
  isOrdering: boolean;
  /** Monotonic: an order that failed is given again then. */
  retryAt: number;
  verdict: Verdict;
}

/** Works from its construction until it is disposed. */
export class ShiftDriver implements Disposable {
  readonly #parts: ShiftDriverParts;
  readonly #watches = new Map<string, Watch>();
  readonly #listening: Disposable;
  #timer: Disposable | undefined;

  constructor(parts: ShiftDriverParts) {
    this.#parts = parts;
    this.#listening = parts.shifts.listen(() => this.begin());
    this.begin();
  }

  /** Takes the first readings of what begins: call it when either side of a shift is known, or is another. */
  begin(): void {
    for (const shift of this.#running) {
      const { samples } = this.#watchOf(shift);
      samples.first(this.#parts.measure(shift));
    }
    this.#arm();
  }

  /** Nothing of a shift that does not run. */
  view({ plan: { name } }: Shift): Driven | undefined {
    const watch = this.#watches.get(name);
    if (watch === undefined) return undefined;
    const bakedMs = watch.isPaused ? 0 : this.#parts.clock.now() - watch.since;
    return { verdict: watch.verdict, bakedMs, sides: watch.samples.all.whole };
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#running.length === 0) return;
    this.#timer = this.#parts.clock.timer(LOOK_MS, () => {
      this.#timer = undefined;
      this.#lookAtAll();
      this.#arm();
    });
  }

  get #running(): readonly Shift[] {
    const { shifts } = this.#parts;
    return shifts.all.filter(({ plan, stage: { state } }) => {
      const isDriven = state === "running" || state === "paused";
      return isDriven && !shifts.overrides.has(plan.name) && shifts.covers({ plan });
    });
  }

  #lookAtAll(): void {
    const running = this.#running;
    const names = new Set(running.map(({ plan }) => plan.name));
    for (const name of this.#watches.keys()) if (!names.has(name)) this.#watches.delete(name);
    for (const shift of running) this.#look(shift);
  }

  #look(shift: Shift): void {
    const watch = this.#watchOf(shift);
    watch.samples.read(this.#parts.measure(shift));
    watch.verdict = verdictOf(shift, watch);
    if (watch.isOrdering || this.#parts.clock.now() < watch.retryAt) return;
    if (watch.verdict.tag === "breach") return this.#order(shift, watch, "breach", watch.verdict.why);
    const next = this.#nextOf(shift, watch);
    if (next !== undefined) this.#order(shift, watch, next.verb, next.why);
  }

  /** What time and numbers allow, where the store can be asked. */
  #nextOf(shift: Shift, watch: Watch): { readonly verb: "advance" | "finish"; readonly why: string } | undefined {
    const { clock, shifts } = this.#parts;
    const { bakeMs, steps } = shift.plan;
    if (shift.stage.state !== "running" || clock.now() - watch.since < bakeMs || shifts.store.state !== "ok")
      return undefined;
    const { step } = shift.stage;
    const isLast = step === steps.length - 1;
    if (isLast && requestsOf(formerOf(watch)) === 0)
      return { verb: "finish", why: "the last step has lasted as long as it was to" };
    if (watch.verdict.tag !== "good") return undefined;
    const { from, to } = watch.samples.all.whole;
    const why = `${requestsOf(to)} requests to \`to\` did as well as ${requestsOf(from)} to \`from\``;
    return isLast
      ? { verb: "finish", why: "the last step was good for as long as it was to be" }
      : { verb: "advance", why };
  }

  #watchOf(shift: Shift): Watch {
    const { run, plan, stage } = shift;
    const { clock } = this.#parts;
    const key = `${run} ${"step" in stage ? stage.step : 0}`;
    const isPaused = stage.state === "paused";
    const before = this.#watches.get(plan.name);
    if (before?.key === key) {
      if (before.isPaused && !isPaused) before.since = clock.now();
      before.isPaused = isPaused;
      return before;
    }
    const isNext = before?.key.startsWith(`${run} `) === true;
    const watch: Watch = {
      key,
      samples: new ShiftSamples(),
      former: isNext ? before.samples : undefined,
      since: clock.now(),
      isPaused,
      isOrdering: false,
      retryAt: -Infinity,
      verdict: NOT_LOOKED,
    };
    this.#watches.set(plan.name, watch);
    return watch;
  }

  #order({ plan: { name } }: Shift, watch: Watch, verb: Exclude<Verb, "plan" | "start">, why: string): void {
    const { shifts, clock, log, daemon } = this.#parts;
    const order: Order = { who: daemon, why, at: clock.wall() };
    watch.isOrdering = true;
    shifts
      .order(name, verb, order)
      .catch((error: unknown) => {
        watch.retryAt = clock.now() + RETRY_MS;
        log.warn("shift.unordered", { shift: name, verb, cause: (error as Error).message });
      })
      .finally(() => (watch.isOrdering = false));
  }
}

/** Of the step, of its last seconds, and of each name by itself: many that do well do not hide one that does not. */
function verdictOf(shift: Shift, watch: Watch): Verdict {
  const { guard } = shift.plan;
  const former = formerOf(watch);
  const whole = judge(guard, comparable(shift, former, watch.samples.all.whole));
  if (whole.tag === "breach") return whole;
  const recent = judge(guard, comparable(shift, former, watch.samples.all.recent));
  if (recent.tag === "breach") return recent;
  for (const [name, samples] of watch.samples.each) {
    const verdict = judge(guard, comparable(shift, formerOf(watch, name), samples.whole));
    if (verdict.tag === "breach") return { tag: "breach", why: `${name}: ${verdict.why}` };
  }
  return whole;
}

/** How `from` did at the step before. */
function formerOf({ former }: Watch, name?: string): Tally {
  const samples = name === undefined ? former?.all : former?.each.get(name);
  return samples?.whole.from ?? noTally;
}

/** Where all goes to one side, the other one answers as often as at the step before; for times, then is too long ago. */
function comparable(shift: Shift, former: Tally, sides: Tallies): Tallies {
  return weightsOf(shift)?.from === 0 ? { ...sides, from: { ...former, times: noTally.times } } : sides;
}
