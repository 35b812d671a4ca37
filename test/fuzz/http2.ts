/** Fuzzes both sides of HTTP/2: `node --conditions=source test/fuzz/http2.ts --seed 1 --seconds 20`. */
import type { Random } from "../../src/base/time.ts";
import { conversation } from "./http2-frames.ts";
import { DownstreamSide, UpstreamSide } from "./http2-sides.ts";
import { Finding, type Fuzzer, runByHand } from "./runner.ts";

/** What chance sends is no flood: an answer may be a body, and is no more than that. */
const MOST_WRITTEN = 3_000_000;

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Steps that the other side of linkspan makes in a conversation, about. */
const STEPS = 100;

async function converse(
  side: DownstreamSide | UpstreamSide,
  pieces: readonly Buffer[],
  random: Random,
  input: string[],
): Promise<void> {
  for (const bytes of pieces) {
    input.push(bytes.toString("hex"));
    side.send(bytes);
    if (random.next() >= STEPS / pieces.length) continue;
    // What linkspan gathers it writes at the end of a turn.
    if (random.next() < 0.6) await nextTurn();
    side.step();
  }
  for (let at = 0; at < 10; at++) {
    await nextTurn();
    side.step();
  }
  side.close();
}

export class Http2Fuzzer implements Fuzzer {
  readonly name = "http2";
  readonly reached = { requests: 0, served: 0, resets: 0, goaways: 0, answers: 0, bodies: 0, failures: 0, survived: 0 };

  async round(random: Random): Promise<number> {
    await this.serve(conversation(random, "client"), random);
    await this.ask(conversation(random, "server"), random);
    return 2;
  }

  /** Linkspan serves a caller who says anything; `random` has the rest of what may be one way or another. */
  async serve(said: readonly Buffer[], random: Random): Promise<void> {
    const side = new DownstreamSide(random);
    const input: string[] = [];
    const law = (name: string, detail: unknown = ""): Finding =>
      new Finding(`server: ${name} ${String(detail)}`, input);
    try {
      await converse(side, said, random, input);
    } catch (error) {
      throw new Finding(`server: it threw ${error instanceof Error ? error.stack : String(error)}`, input, error);
    }
    if (side.bugs.length > 0) throw law("a bug:", (side.bugs[0] as Error).stack ?? side.bugs[0]);
    if (side.judge.violations.length > 0) throw law("it broke a rule:", side.judge.violations.join("; "));
    if (side.dispatched !== side.finished) throw law(`${side.dispatched} requests, ${side.finished} ends`);
    if (side.written > MOST_WRITTEN) throw law(`${side.written} bytes were written`);
    const { reached } = this;
    reached.requests += side.dispatched;
    for (const { hasEnded, reset } of side.judge.streams.values()) {
      if (hasEnded) reached.served++;
      if (reset !== undefined) reached.resets++;
    }
    if (side.judge.goaway !== undefined) reached.goaways++;
    else reached.survived++;
  }

  /** Linkspan asks an endpoint that says anything. */
  async ask(said: readonly Buffer[], random: Random): Promise<void> {
    const side = new UpstreamSide(random);
    const input: string[] = [];
    const law = (name: string, detail: unknown = ""): Finding =>
      new Finding(`client: ${name} ${String(detail)}`, input);
    try {
      // A server answers what it has read.
      await nextTurn();
      side.drain();
      await converse(side, said, random, input);
    } catch (error) {
      throw new Finding(`client: it threw ${error instanceof Error ? error.stack : String(error)}`, input, error);
    }
    if (side.bugs.length > 0) throw law("a bug:", (side.bugs[0] as Error).stack ?? side.bugs[0]);
    if (side.judge.violations.length > 0) throw law("it broke a rule:", side.judge.violations.join("; "));
    if (side.written > MOST_WRITTEN) throw law(`${side.written} bytes were written`);
    const { reached } = this;
    for (const { outcome, finishes, responds, sink, x } of side.asked) {
      const isStillTaken = sink.state === "open" && sink.stops && x.responseBody.length !== 0;
      if (responds > 1 || finishes > 1 || (finishes === 0 && !isStillTaken)) {
        throw law(`a request was answered ${responds} times and ended ${finishes} times:`, outcome);
      }
      if (/^\d/.test(outcome)) reached.answers++;
      if (sink.state === "ended" && sink.text.length > 0) reached.bodies++;
      if (x.failure) reached.failures++;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

if (import.meta.main) await runByHand(new Http2Fuzzer());
