import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Guarded, type NameGuard, type Reading, SourceGuard } from "../../../src/base/guard.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";

const HOLD = 30_000;
const quiet = { error() {}, warn() {}, info() {}, debug() {}, with: () => quiet };

function setOf(ids: string): Map<string, string> {
  return new Map(ids.split("").map((id) => [id, id]));
}

class Name {
  readonly guard: NameGuard<string>;
  heard: Guarded<string>[] = [];
  fresh: (() => Promise<Reading<string>>) | undefined;
  reads = 0;
  constructor(source: SourceGuard, key: string, first: string | undefined) {
    this.guard = source.name<string>(
      key,
      (guarded) => this.heard.push(guarded),
      async () => {
        this.reads++;
        if (!this.fresh) throw new Error("no connection");
        return this.fresh();
      },
    );
    if (first !== undefined) this.offer(first);
  }
  offer(ids: string | undefined, signs = ""): void {
    this.guard.offer(ids === undefined ? undefined : setOf(ids), new Set(signs));
  }
  willRead(ids: string | undefined, signs = ""): void {
    this.fresh = async () => ({ members: ids === undefined ? undefined : setOf(ids), signs: new Set(signs) });
  }
  get ids(): string | undefined {
    const members = this.heard.at(-1)?.members;
    return members && [...members.keys()].sort().join("");
  }
  get isHeld(): boolean {
    return this.heard.at(-1)?.held !== undefined;
  }
}

function open(settings: Partial<SourceGuard["settings"]> = {}): { clock: FakeClock; source: SourceGuard } {
  const clock = new FakeClock(0);
  const all = { holdMs: HOLD, nameShare: 0.5, sourceShare: 0.2, ...settings };
  return { clock, source: new SourceGuard(all, clock, seededRandom(1), quiet) };
}

describe("the guard of a name", () => {
  it("lets a loss of up to half take effect at once", () => {
    const name = new Name(open().source, "a", "abcd");
    name.offer("ab");
    assert.deepEqual([name.ids, name.isHeld], ["ab", false]);
  });

  it("holds the loss of more than half: what was lost stays beside what is new", () => {
    const { source } = open();
    const name = new Name(source, "a", "abcdef");
    name.offer("xa");
    assert.deepEqual([name.ids, name.isHeld], ["abcdefx", true]);
    assert.deepEqual(source.held(), [{ name: "a", held: { since: 0, until: HOLD, lost: 5 } }]);
  });

  it("holds what empties a name, or makes it vanish", () => {
    const { source } = open();
    for (const nothing of ["", undefined]) {
      const name = new Name(source, `n${nothing}`, "a");
      name.offer(nothing);
      assert.deepEqual([name.ids, name.isHeld], ["a", true]);
    }
  });

  it("adds up losses within the hold: a hundred that expire one by one are a mass loss", () => {
    const { source, clock } = open();
    const letters = Array.from({ length: 100 }, (_each, at) => String.fromCharCode(256 + at)).join("");
    const name = new Name(source, "a", letters);
    for (let left = 99; left >= 0; left--) {
      clock.advance(100);
      name.offer(letters.slice(0, left));
    }
    assert.deepEqual([name.ids?.length, name.isHeld], [50, true]);
  });

  it("holds a loss that the second look shows and the first did not, anew", async () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcdefgh");
    name.offer("abc");
    name.willRead("d");
    await clock.advanceAsync(HOLD);
    assert.deepEqual([name.ids, name.isHeld], ["abcd", true]);
  });

  it("forgets losses that are older than the hold", () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcdefghij");
    name.offer("abcdef");
    clock.advance(HOLD + 1000);
    name.offer("abc");
    assert.deepEqual([name.ids, name.isHeld], ["abc", false]);
  });

  it("takes a rolling replacement, and A replaced by B, for no loss", () => {
    const { source, clock } = open();
    const one = new Name(source, "one", "a");
    one.offer("b");
    assert.deepEqual([one.ids, one.isHeld], ["b", false]);
    const many = new Name(source, "many", "abcd");
    for (const step of ["bcd", "bcde", "cde", "cdef", "def", "defg", "efg", "efgh"]) {
      clock.advance(100);
      many.offer(step);
      assert.equal(many.isHeld, false);
    }
    assert.equal(many.ids, "efgh");
  });

  it("takes an entry that is deleted and made again at a reconnect for no loss", () => {
    const name = new Name(open().source, "a", "abcd");
    for (const step of ["bcd", "abcd", "acd", "abcd", "abd", "abcd", "abc", "abcd"]) name.offer(step);
    assert.equal(
      name.heard.every(({ held }) => !held),
      true,
    );
  });

  it("counts no one as joined who left by a sign and came back: a loss after that is judged as before it", () => {
    const name = new Name(open().source, "a", "abcd");
    for (let restart = 0; restart < 3; restart++) {
      name.offer("a", "bcd");
      name.offer("abcd");
    }
    assert.equal(name.isHeld, false);
    name.offer("a");
    assert.deepEqual([name.ids, name.isHeld], ["abcd", true]);
  });

  it("goes on holding when one that joined during the hold leaves by a sign, and empties the name", () => {
    const name = new Name(open().source, "a", "ahc");
    name.offer("f");
    name.offer("", "hfa");
    assert.deepEqual([name.ids, name.isHeld], ["c", true]);
  });

  it("goes on holding when one that joined during the hold is lost, and nobody is left", () => {
    const name = new Name(open().source, "a", "ab");
    name.offer(undefined);
    name.offer("d");
    name.offer("", "ab");
    assert.deepEqual([name.ids, name.isHeld], ["d", true]);
  });

  it("does not count who leaves by a sign as lost: what is lost after that is judged alone", () => {
    const name = new Name(open().source, "a", "abcdefgh");
    name.offer("abcde", "fgh");
    name.offer("abcd");
    assert.deepEqual([name.ids, name.isHeld], ["abcd", false]);
  });

  it("lets a sign take effect at once, whatever it takes, and during a hold too", () => {
    const name = new Name(open().source, "a", "abcd");
    name.offer("", "abcd");
    assert.deepEqual([name.ids, name.isHeld], ["", false]);
    const mixed = new Name(open().source, "a", "abcd");
    mixed.offer("", "ab");
    assert.deepEqual([mixed.ids, mixed.isHeld], ["cd", true]);
    mixed.offer("", "c");
    assert.deepEqual([mixed.ids, mixed.isHeld], ["d", true]);
    mixed.offer("", "d");
    assert.deepEqual([mixed.ids, mixed.isHeld], ["", false]);
  });

  it("takes all absence for a sign where an edit is one", () => {
    const name = new Name(open().source, "a", "abcd");
    name.guard.offer(undefined, "all");
    assert.deepEqual([name.ids, name.isHeld], [undefined, false]);
  });

  it("ends the hold as soon as what was lost is shown again, and the newest set applies", () => {
    const name = new Name(open().source, "a", "abcd");
    name.offer("");
    name.offer("abc");
    assert.deepEqual([name.ids, name.isHeld], ["abcd", true]);
    name.offer("abcdx");
    assert.deepEqual([name.ids, name.isHeld], ["abcdx", false]);
  });

  it("ends the hold when as many have come as were lost", () => {
    const name = new Name(open().source, "a", "abcd");
    name.offer("");
    name.offer("wxyz");
    assert.deepEqual([name.ids, name.isHeld], ["wxyz", false]);
  });

  it("believes at once when nothing of it can be connected to, or when it is released", () => {
    const { source } = open();
    const name = new Name(source, "a", "abcd");
    name.offer(undefined);
    assert.equal(source.unreachable("a"), true);
    assert.deepEqual([name.ids, name.isHeld], [undefined, false]);
    assert.equal(source.unreachable("a"), false);
    const other = new Name(source, "b", "abcd");
    other.offer("a");
    assert.equal(source.release("b"), true);
    assert.deepEqual([other.ids, other.isHeld], ["a", false]);
    assert.equal(source.release("nobody"), false);
  });

  it("believes the same loss when a second look shows it after the hold", async () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcd");
    name.offer("");
    name.willRead("");
    await clock.advanceAsync(HOLD - 1);
    assert.deepEqual([name.reads, name.isHeld], [0, true]);
    await clock.advanceAsync(1);
    assert.deepEqual([name.ids, name.isHeld, name.reads], ["", false, 1]);
    assert.equal(clock.waiting, 0);
  });

  it("lets anything else that the second look shows replace what was held", async () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcd");
    name.offer("x");
    name.willRead("abcz");
    await clock.advanceAsync(HOLD);
    assert.deepEqual([name.ids, name.isHeld], ["abcz", false]);
  });

  it("holds on while the second look fails, asks again with back-off, and then believes", async () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcd");
    name.offer("");
    await clock.advanceAsync(HOLD + 60_000);
    assert.deepEqual([name.ids, name.isHeld], ["abcd", true]);
    assert.ok(name.reads > 3 && name.reads < 12, `${name.reads} reads`);
    name.willRead("");
    await clock.advanceAsync(30_000);
    assert.deepEqual([name.ids, name.isHeld], ["", false]);
  });

  it("does not wait for a second look that hangs", async () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcd");
    name.offer("");
    name.fresh = () => new Promise(() => undefined);
    await clock.advanceAsync(HOLD + 15_000);
    assert.ok(name.reads >= 2);
  });

  it("does not hear a second look that comes after the hold has ended", async () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcd");
    const read = Promise.withResolvers<Reading<string>>();
    name.offer("");
    name.fresh = () => read.promise;
    await clock.advanceAsync(HOLD);
    name.offer("abcd");
    read.resolve({ members: new Map() });
    await turn();
    assert.deepEqual([name.ids, name.isHeld], ["abcd", false]);
  });

  it("is off with a hold of 0", () => {
    const name = new Name(open({ holdMs: 0 }).source, "a", "abcd");
    name.offer(undefined);
    assert.deepEqual([name.ids, name.isHeld], [undefined, false]);
  });

  it("judges afresh after what was held is believed", () => {
    const { source } = open();
    const name = new Name(source, "a", "abcdefghij");
    name.offer("abcdef");
    name.offer("abcd");
    assert.equal(name.isHeld, true);
    source.release("a");
    name.offer("abc");
    assert.deepEqual([name.ids, name.isHeld], ["abc", false]);
  });

  it("leaves no timer when disposed", () => {
    const { source, clock } = open();
    const name = new Name(source, "a", "abcd");
    name.offer("");
    name.guard[Symbol.dispose]();
    assert.equal(clock.waiting, 0);
    assert.deepEqual(source.held(), []);
  });
});

describe("the guard of a source", () => {
  it("holds every name of a source that wipes everything at once", () => {
    const { source } = open();
    const names = Array.from({ length: 20 }, (_each, at) => new Name(source, `n${at}`, "ab"));
    for (const name of names) name.offer(undefined);
    assert.deepEqual(new Set(names.map((name) => name.ids)), new Set(["ab"]));
    assert.equal(source.held().length, 20);
  });

  it("holds names that vanish, empty as they are, when more than a fifth of all do", () => {
    const { source } = open();
    const names = Array.from({ length: 10 }, (_each, at) => new Name(source, `n${at}`, ""));
    for (const name of names.slice(0, 4)) name.offer(undefined);
    assert.deepEqual(
      names.slice(0, 4).map((name) => name.ids),
      [undefined, undefined, "", ""],
    );
  });

  it("lets a sign end what holds an empty name, too", () => {
    const { source } = open();
    const names = Array.from({ length: 10 }, (_each, at) => new Name(source, `n${at}`, ""));
    for (const name of names.slice(0, 3)) name.offer(undefined);
    assert.deepEqual([names[2]?.ids, names[2]?.isHeld], ["", true]);
    names[2]?.guard.offer(undefined, "all");
    assert.deepEqual([names[2]?.ids, names[2]?.isHeld], [undefined, false]);
  });

  it("does not hold again a name whose emptiness is believed, when it vanishes", () => {
    const { source } = open();
    const names = Array.from({ length: 5 }, (_each, at) => new Name(source, `n${at}`, "ab"));
    for (const name of names.slice(0, 3)) name.offer("");
    source.unreachable("n0");
    assert.deepEqual([names[0]?.ids, names[0]?.isHeld], ["", false]);
    names[0]?.offer(undefined);
    assert.deepEqual([names[0]?.ids, names[0]?.isHeld], [undefined, false]);
  });

  it("holds small losses too while more than a fifth of all names are being lost", () => {
    const { source } = open();
    const names = Array.from({ length: 10 }, (_each, at) => new Name(source, `n${at}`, "abcd"));
    names[9]?.offer("abc");
    assert.equal(names[9]?.isHeld, false);
    for (const name of names.slice(0, 3)) name.offer("");
    names[8]?.offer("abc");
    assert.deepEqual([names[8]?.ids, names[8]?.isHeld], ["abcd", true]);
  });

  it("tells of a wipe of thousands of names in a handful of lines, and of each order by itself", () => {
    const log = new RecordingLog();
    const settings = { holdMs: HOLD, nameShare: 0.5, sourceShare: 0.2 };
    const source = new SourceGuard(settings, new FakeClock(0), seededRandom(1), log);
    const names = Array.from({ length: 5_000 }, (_each, at) => new Name(source, `n${at}`, "ab"));
    for (const name of names) name.offer(undefined);
    for (const name of names) name.offer("ab");
    assert.deepEqual([log.told("guard.held").length, log.told("guard.released").length], [4, 4]);
    for (const name of names.slice(0, 3)) name.offer(undefined);
    for (const key of ["n0", "n1", "n2"]) source.release(key);
    assert.equal(log.told("guard.released").filter(({ fields }) => fields["why"] === "ordered").length, 3);
  });

  it("reads at most eight names again at once", async () => {
    const { source, clock } = open();
    let reading = 0;
    let most = 0;
    const names = Array.from({ length: 30 }, (_each, at) => new Name(source, `n${at}`, "ab"));
    for (const name of names) {
      name.fresh = async () => {
        most = Math.max(most, ++reading);
        await turn();
        reading--;
        return { members: undefined };
      };
      name.offer(undefined);
    }
    clock.advance(HOLD);
    for (let at = 0; at < 20; at++) await turn();
    assert.equal(most, 8);
    assert.deepEqual(new Set(names.map((name) => name.ids)), new Set([undefined]));
  });
});
