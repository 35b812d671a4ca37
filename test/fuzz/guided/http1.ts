/** HTTP/1 for the guided fuzzer: the laws of ../http1.ts, on bytes that it chose. */
import { checkAnswerHead, checkChunks, checkRequestHead } from "../http1-parsers.ts";
import { passThrough } from "../http1-path.ts";
import { answerSeeds, chunkSeeds, dictionary, requestSeeds } from "../http1-seeds.ts";
import { chanceOf } from "./chance-of.ts";
import type { Guided } from "./run.ts";

export const guidedHttp1: Guided = {
  name: "guided http1",
  seeds: [...new Set([...requestSeeds, ...answerSeeds, ...chunkSeeds])],
  dictionary,
  isWatched: (url) => /\/src\/http1?\//.test(url),
  async run(bytes) {
    const random = chanceOf(bytes);
    const text = bytes.toString("latin1");
    checkRequestHead(text, random);
    checkAnswerHead(text, random);
    checkChunks(text, random);
    await passThrough(text, random);
  },
};
