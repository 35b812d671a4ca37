/** HTTP/2 for the guided fuzzer: the laws of ../http2.ts, on bytes that it chose. */
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import * as frames from "../../fakes/h2-frames.ts";
import { conversation } from "../http2-frames.ts";
import { Http2Fuzzer } from "../http2.ts";
import { below } from "../mutate.ts";
import { chanceOf } from "./chance-of.ts";
import type { Guided } from "./run.ts";

const fuzzer = new Http2Fuzzer();
const SEEDS_EACH = 30;
const MOST_SEED_BYTES = 4_000;
const LONGEST_PIECE = 400;

/** The first byte chooses the side that is spoken to; what follows comes in pieces. */
const seedsFor = (role: "client" | "server", first: string): string[] =>
  Array.from({ length: SEEDS_EACH }, (_, seed) => {
    const said = Buffer.concat(conversation(seededRandom(seed), role));
    return first + said.toString("latin1", 0, MOST_SEED_BYTES);
  });

const words: readonly Buffer[] = [
  frames.settings(),
  frames.settings([1, 0], [4, 1]),
  frames.settingsAck(),
  frames.ping(),
  frames.ping("linkspan", true),
  frames.goaway(1),
  frames.rst(1, "CANCEL"),
  frames.rst(3, "REFUSED_STREAM"),
  frames.windowUpdate(0, 1_000),
  frames.windowUpdate(1, 2 ** 31 - 1),
  frames.priority(1),
  frames.data(1, "hello", { end: true }),
  frames.data(3, "hello", { pad: 3 }),
  frames.continuation(1, Buffer.from([0x88])),
  frames.headers(1, Buffer.from([0x88]), { end: true }),
  frames.headers(1, Buffer.from([0x82, 0x86, 0x84, 0x41, 1, 97])),
];

export const guidedHttp2: Guided = {
  name: "guided http2",
  seeds: [...seedsFor("client", "\0"), ...seedsFor("server", "\x01")],
  dictionary: words.map((word) => word.toString("latin1")),
  isWatched: (url) => /\/src\/http2?\//.test(url),
  async run(bytes) {
    const random = chanceOf(bytes);
    const said: Buffer[] = [];
    for (let at = 1; at < bytes.length;) {
      const to = Math.min(bytes.length, at + 1 + below(random, LONGEST_PIECE));
      said.push(bytes.subarray(at, to));
      at = to;
    }
    if (((bytes[0] ?? 0) & 1) === 0) await fuzzer.serve(said, random);
    else await fuzzer.ask(said, random);
  },
};
