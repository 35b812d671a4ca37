/** A dtab that lies elsewhere: what is believed of it, by the clock of the test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceGuard } from "../../../src/base/guard.ts";
import { pending, type State } from "../../../src/base/var.ts";
import type { Dtab } from "../../../src/naming/dtab.ts";
import type { DtabListener, DtabReading } from "../../../src/naming/dtab-source.ts";
import { Memory } from "../../../src/snapshot/memory.ts";
import { RememberedDtab } from "../../../src/snapshot/remembered-dtab.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";

const HOLD_MS = 30_000;

/** A source that the test speaks for. */
function scene(remembered?: string, memory = new Memory()) {
  const clock = new FakeClock(100_000);
  const log = new RecordingLog();
  const shelf = memory.dtabsOf("out");
  if (remembered !== undefined) shelf.load("f", 40_000, JSON.stringify(remembered));
  const guard = new SourceGuard({ holdMs: HOLD_MS, nameShare: 0.5, sourceShare: 0.2 }, clock, seededRandom(1), log);
  const outages: string[] = [];
  const states: State<Dtab>[] = [];
  let listener: DtabListener | undefined;
  let confirmed: DtabReading | Error = { text: undefined };
  let isFollowed = false;
  const dtab = new RememberedDtab({
    source: {
      place: "f",
      follow(hear) {
        listener = hear;
        isFollowed = true;
        return { [Symbol.dispose]: () => void (isFollowed = false) };
      },
      confirm: async () => {
        if (confirmed instanceof Error) throw confirmed;
        return confirmed;
      },
    },
    shelf,
    guard,
    clock,
    outage: {
      failed: ({ message }) => void outages.push(message),
      succeeded: () => void outages.push("ok"),
    },
    set: (state) => void states.push(state),
  });
  return {
    clock,
    memory,
    states,
    outages,
    dtab,
    says: (text: string | undefined) => listener?.heard({ text }),
    fails: (message: string) => listener?.failed(new Error(message)),
    confirms: (reading: DtabReading | Error) => void (confirmed = reading),
    get shown(): string {
      return show(states.at(-1) ?? pending);
    },
    get isFollowed(): boolean {
      return isFollowed;
    },
  };
}

function show(state: State<Dtab>): string {
  if (state.tag !== "ok") return state.tag === "failed" ? `failed: ${state.cause.message}` : "pending";
  const { value, stale, held } = state;
  return `${value.show}${stale ? ` stale since ${stale.since}: ${stale.cause.message}` : ""}${held ? " held" : ""}`;
}

test("a text is read, and a text that is the same is the same dtab", () => {
  const each = scene();
  each.says("/a => /b ;");
  assert.equal(each.shown, "/a=>/b");
  each.says("/a => /b ;");
  const [first, second] = each.states;
  assert.ok(first?.tag === "ok" && second?.tag === "ok" && first.value === second.value);
});

test("a text that cannot be read is a failure with its place, and no longer one when it can", () => {
  const each = scene();
  each.says("/a => /b ;");
  each.says("/a => ");
  assert.match(each.shown, /^failed: f:1:7: .*expected/);
  each.says("/a => /c");
  assert.equal(each.shown, "/a=>/c");
  assert.equal(each.outages.at(-1), "ok");
});

test("what takes a rule or changes all of them is believed at once", () => {
  const each = scene();
  each.says("/a => /b ; /c => /d ; /e => /f");
  each.says("/x => /y");
  assert.equal(each.shown, "/x=>/y");
});

for (const nothing of [undefined, "", "# a comment"]) {
  test(`a dtab that becomes ${JSON.stringify(nothing)} is held until a second look says the same`, async () => {
    const each = scene();
    each.says("/a => /b");
    each.says(nothing);
    assert.equal(each.shown, "/a=>/b held");
    each.confirms(new Error("nobody there"));
    await each.clock.advanceAsync(HOLD_MS);
    assert.equal(each.shown, "/a=>/b held");
    each.confirms({ text: nothing });
    await each.clock.advanceAsync(10_000);
    assert.equal(each.shown, "");
  });
}

test("a second look that finds the dtab again takes it", async () => {
  const each = scene();
  each.says("/a => /b");
  each.says("");
  each.confirms({ text: "/a => /c" });
  await each.clock.advanceAsync(HOLD_MS);
  assert.equal(each.shown, "/a=>/c");
});

test("an empty dtab at first is no loss", () => {
  const each = scene();
  each.says(undefined);
  assert.equal(each.shown, "");
});

test("what is remembered serves when its source fails or says nothing in time, dated as it was", async () => {
  const failing = scene("/a => /b");
  failing.fails("no route");
  assert.deepEqual(failing.states.map(show), ["/a=>/b stale since 40000: no route", "failed: no route"]);
  const silent = scene("/a => /b");
  await silent.clock.advanceAsync(1_000);
  assert.match(silent.shown, /^\/a=>\/b stale since 40000: .*not answered yet/);
  silent.says("/a => /c");
  assert.equal(silent.shown, "/a=>/c");
});

test("a first answer without a rule is held against what is remembered", async () => {
  const each = scene("/a => /b");
  each.fails("no route");
  each.says(undefined);
  assert.equal(each.shown, "/a=>/b held");
});

test("what is remembered is not served over an answer that came in time", async () => {
  const each = scene("/a => /b");
  each.says("/a => /c");
  await each.clock.advanceAsync(1_000);
  assert.deepEqual(each.states.map(show), ["/a=>/c"]);
});

test("a good dtab is remembered with the date until which it was confirmed, and a broken one is not", async () => {
  const each = scene();
  each.says("/a => /b # why");
  const lines = (): string => [...each.memory.lines()].join("");
  assert.equal(lines(), 'dtabs\tout\tf\t\t"/a => /b # why"\n');
  await each.clock.advanceAsync(5_000);
  const now = each.clock.wall();
  each.says("/a => ");
  assert.equal(lines(), `dtabs\tout\tf\t${now}\t"/a => /b # why"\n`);
});

test("what another goes on confirming is not dated when one ends", () => {
  const first = scene();
  const second = scene(undefined, first.memory);
  const lines = (): string => [...first.memory.lines()].join("");
  first.says("/a => /b");
  second.says("/a => /b");
  first.dtab[Symbol.dispose]();
  assert.equal(lines(), 'dtabs\tout\tf\t\t"/a => /b"\n');
  second.dtab[Symbol.dispose]();
  assert.match(lines(), /^dtabs\tout\tf\t\d+\t/);
});

test("a source that was let go is not heard any more", () => {
  const each = scene();
  each.says("/a => /b");
  each.dtab[Symbol.dispose]();
  assert.equal(each.isFollowed, false);
  each.says("/a => /c");
  each.fails("late");
  assert.deepEqual(each.states.map(show), ["/a=>/b"]);
  assert.equal(each.clock.waiting, 0);
});
