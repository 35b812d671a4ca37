/** Whatever a source says in whatever order: a dtab that was good is never lost to a mistake, an outage or an accident. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SourceGuard } from "../../src/base/guard.ts";
import { pending, type State, Var } from "../../src/base/var.ts";
import type { Dtab } from "../../src/naming/dtab.ts";
import type { DtabListener } from "../../src/naming/dtab-source.ts";
import { Memory } from "../../src/snapshot/memory.ts";
import { RememberedDtab } from "../../src/snapshot/remembered-dtab.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";

const HOLD_MS = 30_000;

type Event =
  | { readonly kind: "good"; readonly n: number }
  | { readonly kind: "broken" | "empty" | "gone" | "outage" }
  | { readonly kind: "wait"; readonly ms: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("good" as const), n: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constantFrom("broken" as const, "empty" as const, "gone" as const, "outage" as const) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(1_000, HOLD_MS / 2, HOLD_MS + 1_000) }),
);

const goodText = (n: number): string => `/a => /${n} ;`;
const goodDtab = (n: number): string => `/a=>/${n}`;
const TEXTS = { broken: "/a => & ;", empty: "", gone: undefined };

/** One source and what is believed of it, beside the little that a model has to know. */
class Run implements Disposable {
  readonly #clock = new FakeClock();
  readonly #observed: Disposable;
  #listener: DtabListener | undefined;
  /** What the source has now, as a second look would find it. */
  #there: string | undefined | Error = new Error("not yet");
  #state: State<Dtab> = pending;
  /** The newest good dtab that is served or remembered; nothing once an empty one took its place. */
  #lastGood: string | undefined;
  #wasServed = false;
  #emptySince: number | undefined;

  constructor(remembered: number | undefined) {
    const clock = this.#clock;
    const shelf = new Memory().dtabsOf("out");
    if (remembered !== undefined) {
      shelf.load("f", 0, JSON.stringify(goodText(remembered)));
      this.#lastGood = goodDtab(remembered);
    }
    const settings = { holdMs: HOLD_MS, nameShare: 0.5, sourceShare: 0.2 };
    const guard = new SourceGuard(settings, clock, seededRandom(1), new RecordingLog());
    const outage = { failed: () => undefined, succeeded: () => undefined };
    const source = {
      place: "f",
      confirm: async () => {
        if (this.#there instanceof Error) throw this.#there;
        return { text: this.#there };
      },
      follow: (listener: DtabListener) => {
        this.#listener = listener;
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const dtab = Var.source<Dtab>((set) => new RememberedDtab({ source, shelf, guard, clock, outage, set }), { clock });
    this.#observed = dtab.observe((state) => {
      assert.ok(this.#state.tag !== "ok" || state.tag === "ok", "what was ok stays ok");
      this.#state = state;
    });
  }

  async take(event: Event): Promise<void> {
    if (event.kind === "wait") await this.#clock.advanceAsync(event.ms);
    else if (event.kind === "outage") this.#fail();
    else this.#say(event.kind === "good" ? goodText(event.n) : TEXTS[event.kind]);
    if (event.kind === "good") {
      this.#lastGood = goodDtab(event.n);
      this.#emptySince = undefined;
      assert.equal(this.#shown, this.#lastGood, "an edit is believed at once");
    } else if (event.kind === "empty" || event.kind === "gone") this.#emptySince ??= this.#clock.now();
    this.#compare();
  }

  /** What is remembered and was not served yet is no loss: then the first answer came in time. */
  #compare(): void {
    if (this.#shown === undefined) return;
    if (this.#shown !== "") {
      this.#wasServed = true;
      assert.equal(this.#shown, this.#lastGood);
    } else if (this.#lastGood !== undefined && this.#wasServed) {
      assert.ok(this.#clock.now() - (this.#emptySince ?? Infinity) >= HOLD_MS, "it was emptied too early");
    }
    if (this.#shown === "") this.#lastGood = undefined;
  }

  get #shown(): string | undefined {
    return this.#state.tag === "ok" ? this.#state.value.show : undefined;
  }

  #fail(): void {
    this.#there = new Error("gone");
    this.#listener?.failed(this.#there);
  }

  #say(text: string | undefined): void {
    this.#there = text;
    this.#listener?.heard({ text });
  }

  [Symbol.dispose](): void {
    this.#observed[Symbol.dispose]();
    assert.equal(this.#clock.waiting, 0);
  }
}

test("what is believed is the last good dtab, or an empty one that was there for as long as the hold", async () => {
  const remembered = fc.option(fc.nat({ max: 5 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), remembered, async (events, known) => {
      using run = new Run(known);
      for (const each of events) await run.take(each);
    }),
    { numRuns: 300 },
  );
});
