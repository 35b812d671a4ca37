/** Rounds: what is needed by key, from the first round that asks for it until one that does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Needed, Rounds } from "../../../src/naming/rounds.ts";

class Thing extends Needed {
  readonly #rounds: Things;
  constructor(key: string, rounds: Things) {
    super(key);
    this.#rounds = rounds;
  }
  gone(): void {
    this.#rounds.onGone(this);
  }
}

class Things extends Rounds<Thing> {
  onGone: (thing: Thing) => void = () => undefined;
}

test("of few and of many, each round keeps what it asked for, and tells of the rest once", () => {
  const keys = fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String));
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 6 }), (asked) => {
      const rounds = new Things();
      let before = new Set<string>();
      for (const round of asked) {
        for (const key of round) {
          assert.equal(rounds.find(key) !== undefined, before.has(key), key);
          if (!before.has(key)) rounds.add(new Thing(key, rounds));
          assert.equal(rounds.find(key)?.key, key);
        }
        const gone: string[] = [];
        rounds.onGone = (each) => gone.push(each.key);
        rounds.sweep();
        const now = new Set(round);
        assert.deepEqual(gone.sort(), [...before.difference(now)].sort());
        assert.deepEqual([...rounds].map(({ key }) => key).sort(), [...now].sort());
        before = now;
      }
      const left: string[] = [];
      rounds.onGone = (each) => left.push(each.key);
      rounds.clear();
      assert.deepEqual(left.sort(), [...before].sort());
      assert.deepEqual([...rounds], []);
    }),
  );
});

test("whoever is told that something went may ask for more", () => {
  const rounds = new Things();
  for (let n = 0; n < 20; n++) rounds.add(new Thing(String(n), rounds));
  rounds.sweep();
  rounds.onGone = (each) => rounds.add(new Thing(`${each.key}x`, rounds));
  rounds.sweep();
  assert.equal([...rounds].length, 20);
  assert.equal(rounds.find("7x")?.key, "7x");
});
