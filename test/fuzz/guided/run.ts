/** A fuzzer that is led by what it reaches: an input that runs code which none before it ran is changed further. */
import type { Random } from "../../../src/base/time.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { mutated } from "../mutate.ts";
import { type FuzzOptions, inTime } from "../runner.ts";
import { Coverage } from "./coverage.ts";

/** What is fuzzed. All that happens in `run` follows from the bytes, so that they can be run again. */
export interface Guided {
  readonly name: string;
  /** Latin1, as all inputs. */
  readonly seeds: readonly string[];
  readonly dictionary: readonly string[];
  /** Of scripts whose code is to be reached. */
  readonly isWatched: (url: string) => boolean;
  /** Rejects with a Finding, or with what the code under test throws. */
  run(bytes: Buffer): void | Promise<void>;
}

export interface GuidedReport {
  readonly inputs: number;
  /** Inputs that were kept since they reached something. */
  readonly kept: number;
  /** Characters of code that the seeds reached, and all inputs together. */
  readonly reachedBySeeds: number;
  readonly reached: number;
}

/** So many run before it is asked what they reached: asking takes longer than an input. */
const BATCH = 50;
/** Also where the time is over, so that a busy machine comes as far. */
const LEAST_BATCHES = 20;
const MAX_KEPT = 4_000;
const MAX_BYTES = 8_192;

class Corpus {
  readonly #random: Random;
  readonly #guided: Guided;
  /** The latest last. */
  readonly kept: string[] = [];

  constructor(guided: Guided, random: Random) {
    this.#guided = guided;
    this.#random = random;
  }

  /** What was found last leads on most often. */
  next(): string {
    const { dictionary, seeds } = this.#guided;
    const from = this.#random.next() < 0.2 || this.kept.length === 0 ? seeds : this.#recent();
    return mutated(this.#random, from, dictionary).slice(0, MAX_BYTES);
  }

  keep(text: string): void {
    if (this.kept.length < MAX_KEPT) this.kept.push(text);
    else this.kept[Math.floor(this.#random.next() * MAX_KEPT)] = text;
  }

  #recent(): readonly string[] {
    return this.#random.next() < 0.5 ? this.kept.slice(-16) : this.kept;
  }
}

/** Rejects with the first finding, and the input in hex. */
export async function runGuided(guided: Guided, { seed, seconds }: FuzzOptions): Promise<GuidedReport> {
  const endsAt = performance.now() + seconds * 1_000;
  using coverage = new Coverage(guided.isWatched);
  const corpus = new Corpus(guided, seededRandom(seed));
  for (const text of guided.seeds) await runOne(guided, text);
  coverage.learn(coverage.take());
  const reachedBySeeds = coverage.reached;
  let inputs = guided.seeds.length;
  for (let batches = 0; batches < LEAST_BATCHES || performance.now() < endsAt; batches++) {
    const batch = Array.from({ length: BATCH }, () => corpus.next());
    for (const text of batch) await runOne(guided, text);
    inputs += BATCH;
    const ran = coverage.take();
    if (coverage.isNews(ran)) await keepLeading(batch);
    // What none of them reaches again hung on what ran before.
    coverage.learn(ran);
  }
  return { inputs, kept: corpus.kept.length, reachedBySeeds, reached: coverage.reached };

  /** Keeps those of a batch by which something was reached first. */
  async function keepLeading(batch: readonly string[]): Promise<void> {
    for (const text of batch) {
      await runOne(guided, text);
      const ran = coverage.take();
      if (!coverage.isNews(ran)) continue;
      corpus.keep(text);
      coverage.learn(ran);
    }
  }
}

async function runOne(guided: Guided, text: string): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  try {
    await inTime(() => guided.run(bytes));
  } catch (error) {
    throw new Error(`${guided.name}: ${String(error)}\n  input ${bytes.toString("hex")}`, { cause: error });
  }
}

/** Seconds of a run in the tests: short in CI, long in `npm run long`. */
export const guidedSeconds = (): number => (process.env["LINKSPAN_TESTS"] === "long" ? 600 : 5);
