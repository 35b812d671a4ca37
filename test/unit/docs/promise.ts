/** A promise to those who use Linkspan, sentence by sentence, each with the tests that hold it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const root = new URL("../../../", import.meta.url).pathname;

/** Where a test is, and what it is called; of a name that is put together, its end. */
export type Held = readonly [file: string, test: string];

export type Promised = readonly [sentence: string, ...tests: Held[]];

/** Every sentence has tests, and they are there. */
export function assertHeld(promises: readonly Promised[]): void {
  for (const [sentence, ...tests] of promises) {
    assert.ok(tests.length > 0, sentence);
    for (const [name, title] of tests) {
      const text = readFileSync(`${root}${name}`, "utf8");
      assert.ok(text.includes(`${title}"`) || text.includes(`${title}\``), `${sentence}: ${name}: ${title}`);
    }
  }
}
