import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SourceGuard } from "../../src/base/guard.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";

const HOLD = 1000;
const quiet = { error() {}, warn() {}, info() {}, debug() {}, with: () => quiet };
const ids = fc.uniqueArray(fc.constantFrom(..."abcdefghij"), { maxLength: 10, size: "max" });
const step = fc.record({
  waitMs: fc.oneof(fc.nat(200), fc.constant(HOLD * 3)),
  members: fc.option(ids, { nil: undefined }),
  signs: ids,
});

function open(holdMs = HOLD): { clock: FakeClock; guard: SourceGuard } {
  const clock = new FakeClock();
  const settings = { holdMs, nameShare: 0.5, sourceShare: 0.2 };
  return { clock, guard: new SourceGuard(settings, clock, seededRandom(3), quiet) };
}

function show(members: ReadonlyMap<string, string> | undefined): string | undefined {
  return members && [...members.keys()].sort().join("");
}

const mapOf = (list: readonly string[]): Map<string, string> => new Map(list.map((id) => [id, id]));

describe("the laws of the guard", () => {
  it("shows all that is new, loses nothing that is held but by a sign, and ends within the hold", async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.array(step, { maxLength: 15, size: "max" }), async (first, steps) => {
        const { clock, guard } = open();
        let newest: readonly string[] | undefined = first;
        let heard: { members: ReadonlyMap<string, string> | undefined; held?: { lost: number } } = {
          members: undefined,
        };
        const name = guard.name<string>(
          "a",
          (guarded) => (heard = guarded),
          async () => ({ members: newest && mapOf(newest) }),
        );
        name.offer(mapOf(first));
        for (const { waitMs, members, signs } of steps) {
          await clock.advanceAsync(waitMs);
          if (waitMs > HOLD)
            assert.deepEqual([show(heard.members), heard.held], [newest && show(mapOf(newest)), undefined]);
          const before = new Set(heard.members?.keys());
          newest = members;
          name.offer(members && mapOf(members), new Set(signs));
          const shown = new Set(heard.members?.keys());
          for (const id of members ?? []) assert.ok(shown.has(id), "what is new is there");
          for (const id of signs) assert.ok(members?.includes(id) || !shown.has(id), "a sign takes effect at once");
          for (const id of shown) assert.ok(members?.includes(id) || before.has(id), "nothing is made up");
          const lost = [...before].filter((id) => !members?.includes(id) && !signs.includes(id));
          if (heard.held) for (const id of lost) assert.ok(shown.has(id), "what is held stays");
          else assert.equal(show(heard.members), members && show(mapOf(members)));
          if (lost.length > 0 && !members?.length) assert.ok(heard.held, "what empties a name is held");
        }
        await clock.advanceAsync(HOLD);
        assert.equal(show(heard.members), newest && show(mapOf(newest)));
        assert.equal(clock.waiting, 0);
        guard[Symbol.dispose]();
      }),
    );
  });

  it("is not there with a hold of 0", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15, size: "max" }), (steps) => {
        const { clock, guard } = open(0);
        let shown: string | undefined;
        const name = guard.name<string>("a", ({ members, held }) => {
          shown = show(members);
          assert.equal(held, undefined);
        });
        for (const { waitMs, members } of steps) {
          clock.advance(waitMs);
          name.offer(members && mapOf(members));
          assert.equal(shown, members && show(mapOf(members)));
        }
      }),
    );
  });

  it("leaves no timer and no name behind once disposed", () => {
    fc.assert(
      fc.property(fc.array(ids, { maxLength: 8, size: "max" }), (offers) => {
        const { clock, guard } = open();
        const names = offers.map((_each, at) => guard.name<string>(`n${at % 3}`, () => undefined));
        for (const [at, offer] of offers.entries()) {
          names[at]?.offer(mapOf(["a", "b"]));
          names[at]?.offer(mapOf(offer));
        }
        guard[Symbol.dispose]();
        assert.equal(clock.waiting, 0);
        assert.deepEqual(guard.held(), []);
      }),
    );
  });
});
