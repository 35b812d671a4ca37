/** What else may be one way or another in a run on certain bytes: it follows from them, so that they alone say all. */
import type { Random } from "../../../src/base/time.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";

export function chanceOf(bytes: Uint8Array): Random {
  let hash = bytes.length;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return seededRandom(hash);
}
