/** Fuzzes HTTP/1: `node --conditions=source test/fuzz/http1.ts --seed 1 --seconds 20`. */
import type { Random } from "../../src/base/time.ts";
import { checkAnswerHead, checkChunks, checkRequestHead } from "./http1-parsers.ts";
import { passThrough } from "./http1-path.ts";
import { answerSeeds, chunkSeeds, dictionary, requestSeeds } from "./http1-seeds.ts";
import { mutated } from "./mutate.ts";
import { type Fuzzer, runByHand } from "./runner.ts";

export class Http1Fuzzer implements Fuzzer {
  readonly name = "http1";
  readonly reached = { requestHeads: 0, answerHeads: 0, chunkedBodies: 0, dispatched: 0, answered: 0, tunnels: 0 };

  async round(random: Random): Promise<number> {
    const { reached } = this;
    if (checkRequestHead(mutated(random, requestSeeds, dictionary), random)) reached.requestHeads++;
    if (checkAnswerHead(mutated(random, answerSeeds, dictionary), random)) reached.answerHeads++;
    if (checkChunks(mutated(random, chunkSeeds, dictionary), random)) reached.chunkedBodies++;
    const passage = await passThrough(mutated(random, requestSeeds, dictionary), random);
    reached.dispatched += passage.dispatched;
    reached.answered += passage.answered;
    reached.tunnels += passage.tunnels;
    return 4;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

if (import.meta.main) await runByHand(new Http1Fuzzer());
