/** Runs a fuzzer for a time from a seed, and says what it found in a form that can be had again. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Random } from "../../src/base/time.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";

/** What can be fuzzed: the codec of one protocol. */
export interface Fuzzer extends AsyncDisposable {
  readonly name: string;
  /**
   * One round of inputs that follow from `random` alone. Returns how many there were; throws a Finding, or whatever the
   * code under test throws. A round takes a few ms.
   */
  round(random: Random): number | Promise<number>;
  /** Numbers that show that the inputs came far enough to be worth something. */
  readonly reached: Readonly<Record<string, number>>;
}

/** A law that was broken, with the bytes that broke it. */
export class Finding extends Error {
  readonly input: readonly string[];
  constructor(law: string, input: readonly string[], cause?: unknown) {
    super(law, { cause });
    this.name = "Finding";
    this.input = input;
  }
}

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
}

export interface FuzzReport {
  readonly rounds: number;
  readonly inputs: number;
  readonly reached: Readonly<Record<string, number>>;
  /** Of the heap between the first tenth of the run and its end, after collections. */
  readonly grownBytes: number;
}

/** A round that takes longer hangs. */
const ROUND_MS = 10_000;
/** What a heap may grow beside what the code under test keeps. */
const MAX_GROWN_BYTES = 48 * 1024 * 1024;

/** Rejects with the first finding, and the seed and round by which it can be had again. */
export async function runFuzzer(fuzzer: Fuzzer, { seed, seconds }: FuzzOptions): Promise<FuzzReport> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const warmAt = startedAt + seconds * 100;
  let [rounds, inputs, warmBytes] = [0, 0, 0];
  while (performance.now() < endsAt) {
    inputs += await oneRound(fuzzer, seed, rounds++);
    // Sockets tell of their end in a later turn.
    await new Promise(setImmediate);
    if (warmBytes === 0 && performance.now() >= warmAt) warmBytes = heapBytes();
  }
  const grownBytes = heapBytes() - warmBytes;
  if (warmBytes > 0 && grownBytes > MAX_GROWN_BYTES) {
    throw new Error(`${fuzzer.name} from seed ${seed}: the heap grew by ${grownBytes} bytes in ${rounds} rounds`);
  }
  return { rounds, inputs, reached: fuzzer.reached, grownBytes };
}

async function oneRound(fuzzer: Fuzzer, seed: number, round: number): Promise<number> {
  try {
    return await inTime(() => fuzzer.round(roundRandom(seed, round)));
  } catch (error) {
    const input = error instanceof Finding ? error.input.map((each) => JSON.stringify(each)).join("\n  ") : "";
    throw new Error(`${fuzzer.name}, --seed ${seed}, round ${round}: ${String(error)}\n  ${input}`, { cause: error });
  }
}

/** Each round has chances of its own, so that one can be had again without those before it. */
const roundRandom = (seed: number, round: number): Random => seededRandom(Math.imul(seed, 0x9e3779b1) ^ round);

/** Rejects with a finding where a round hangs, or returns only after as long. */
export async function inTime<T>(round: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Finding(`no end within ${ROUND_MS} ms`, [])), ROUND_MS);
  try {
    const outcome = await Promise.race([round(), promise]);
    const took = performance.now() - startedAt;
    if (took > ROUND_MS) throw new Finding(`the round took ${took} ms`, []);
    return outcome;
  } finally {
    clearTimeout(timer);
  }
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Seconds of a run in the tests: short in CI, long in `npm run long`. */
export const testSeconds = (): number => (process.env["LINKSPAN_TESTS"] === "long" ? 600 : 20);

/** `--seed 1 --seconds 20` of a command line. */
export function fuzzOptions(argv: readonly string[]): FuzzOptions {
  const given = (name: string, standard: number): number => {
    const at = argv.indexOf(name);
    return at < 0 ? standard : Number(argv[at + 1]);
  };
  return { seed: given("--seed", Date.now() % 1_000_000), seconds: given("--seconds", 20) };
}

/** For a file that is run by hand. */
export async function runByHand(fuzzer: Fuzzer): Promise<void> {
  const options = fuzzOptions(process.argv);
  console.log(`${fuzzer.name}: --seed ${options.seed} --seconds ${options.seconds}`);
  try {
    console.log(JSON.stringify(await runFuzzer(fuzzer, options)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await fuzzer[Symbol.asyncDispose]();
  }
}
