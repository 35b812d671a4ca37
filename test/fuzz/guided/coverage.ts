/** Which code has run, as V8 counts it block by block: what a fuzzer is guided by. */
import { type Profiler, Session } from "node:inspector";

/** By the URL of a script, a byte for each of its characters: 1 where it has run. */
type Ran = ReadonlyMap<string, Uint8Array>;

/** One for a process: V8 counts blocks only in functions that were not compiled before it was asked to. */
export class Coverage implements Disposable {
  /** Characters of code that are known to have run. */
  reached = 0;
  readonly #session = new Session();
  readonly #isWatched: (url: string) => boolean;
  readonly #known = new Map<string, Uint8Array>();

  /** Counts from now on, in scripts whose URL `isWatched`. */
  constructor(isWatched: (url: string) => boolean) {
    this.#isWatched = isWatched;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** What has run since the last call. */
  take(): Ran {
    const watched = this.#taken().filter(({ url }) => this.#isWatched(url));
    return new Map(watched.map(({ url, functions }) => [url, marked(functions)]));
  }

  /** Whether something ran that is not known. */
  isNews(ran: Ran): boolean {
    return [...ran].some(([url, now]) => this.#first(url, now) >= 0);
  }

  /** It is known from now on. */
  learn(ran: Ran): void {
    for (const [url, now] of ran) {
      const known = this.#room(url, now.length);
      for (let at = this.#first(url, now); at >= 0 && at < now.length; at++) {
        if (now[at] === 0 || known[at] === 1) continue;
        known[at] = 1;
        this.reached++;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  /** Where something is that is not known; -1 for nowhere. */
  #first(url: string, now: Uint8Array): number {
    const known = this.#known.get(url);
    for (let at = 0; at < now.length; at++) if (now[at] === 1 && known?.[at] !== 1) return at;
    return -1;
  }

  #room(url: string, length: number): Uint8Array {
    const known = this.#known.get(url) ?? new Uint8Array(0);
    if (known.length >= length) return known;
    const grown = new Uint8Array(length);
    grown.set(known);
    this.#known.set(url, grown);
    return grown;
  }

  /** A session with its own thread answers before `post` returns. */
  #taken(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] | undefined;
    this.#session.post("Profiler.takePreciseCoverage", (error, { result }) => {
      if (error !== null) throw error;
      taken = result;
    });
    if (taken === undefined) throw new Error("V8 did not say what has run");
    return taken;
  }
}

/** An inner range, which comes later, says it better than the one around it. */
function marked(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ranges = functions.flatMap((each) => each.ranges);
  const ran = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  for (const { count, startOffset, endOffset } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return ran;
}
