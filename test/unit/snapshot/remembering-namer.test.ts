import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failed, ok, Var } from "../../../src/base/var.ts";
import { leaf, neg } from "../../../src/naming/name-tree.ts";
import type { Name, Namer } from "../../../src/naming/namer.ts";
import { Path } from "../../../src/naming/path.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";
import { FakeRegistry, RememberedRun, setOf } from "../../fakes/remembered-scene.ts";

const HOLD = 30_000;
const users = Path.read("/users");

/** A run in which /users was `letters`, and the next one, which may remember it. */
function restarted(letters: string, holdMs = HOLD): { clock: FakeClock; run: RememberedRun } {
  const clock = new FakeClock();
  const before = new RememberedRun(clock);
  before.registry.says("/users", letters);
  before.follow("/users")[Symbol.dispose]();
  clock.advance(60_000);
  return { clock, run: new RememberedRun(clock, before.memory, holdMs) };
}

describe("a name that its registry answers for", () => {
  it("is passed on as the registry says it, changes, trouble and all", () => {
    const clock = new FakeClock();
    const run = new RememberedRun(clock);
    using name = run.follow("/users");
    assert.equal(name.shown, "pending");
    run.registry.says("/users", "ab");
    assert.equal(name.shown, "ab");
    run.registry.addresses("/users").set(ok(setOf("a")));
    assert.equal(name.shown, "a");
    run.registry.cannotSay("/users");
    assert.equal(name.shown, "a stale");
    run.registry.says("/users", "c");
    assert.equal(name.shown, "c");
    run.registry.knowsNo("/users");
    assert.equal(name.shown, "~");
  });

  it("has failed where nothing is remembered, and is unknown no longer when it is answered", () => {
    const run = new RememberedRun(new FakeClock());
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    assert.equal(name.shown, "down");
    run.registry.says("/users", "a");
    assert.equal(name.shown, "a");
  });

  it("keeps one Var of addresses, whatever the registry's own does and whoever asks", () => {
    const run = new RememberedRun(new FakeClock());
    run.registry.says("/users", "a");
    run.registry
      .tree("/users/more")
      .set(ok(leaf<Name>({ kind: "bound", id: users, addresses: Var.of(setOf("a")), residual: Path.read("/more") })));
    const seen = new Set<unknown>();
    const note = (state: { readonly tag: string; readonly value?: unknown }): void => {
      const { value } = state as { value?: { tag: string; value: { addresses: unknown } } };
      if (value?.tag === "leaf") seen.add(value.value.addresses);
    };
    using short = run.namer.lookup(users).observe(note);
    using long = run.namer.lookup(Path.read("/users/more")).observe(note);
    run.registry.knowsNo("/users");
    run.registry.says("/users", "b");
    assert.deepEqual([seen.size, typeof short, typeof long], [1, "object", "object"]);
  });

  it("is looked up once, however many observe it, and not at all when nobody does", () => {
    const run = new RememberedRun(new FakeClock());
    run.registry.says("/users", "a");
    using one = run.follow("/users");
    const two = run.follow("/users");
    two[Symbol.dispose]();
    assert.equal(run.registry.tree("/users").observed, true);
    one[Symbol.dispose]();
    assert.deepEqual([run.registry.tree("/users").observed, run.registry.addresses("/users").observed], [false, false]);
  });
});

describe("a name that its registry cannot answer for", () => {
  it("starts at once from what was known, stale since that was confirmed", () => {
    const { clock, run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    assert.equal(name.shown, "ab stale");
    const since = name.addresses.tag === "ok" ? name.addresses.stale?.since : undefined;
    assert.equal(since, clock.wall() - 60_000);
    assert.equal(name.tree.tag === "ok" && name.tree.stale?.cause.message, "down");
    run.registry.cannotSay("/users", "down still");
    assert.equal(name.addresses.tag === "ok" && name.addresses.stale?.since, since);
  });

  it("starts from it after a quarter of a second where the registry says nothing at all", () => {
    const { clock, run } = restarted("ab");
    using name = run.follow("/users");
    clock.advance(249);
    assert.equal(name.shown, "pending");
    clock.advance(1);
    assert.equal(name.shown, "ab stale");
  });

  it("also starts from it where the name is answered and its addresses are not", () => {
    const { run } = restarted("ab");
    using name = run.follow("/users");
    const addresses = run.registry.addresses("/users");
    run.registry
      .tree("/users")
      .set(ok(leaf<Name>({ kind: "bound", id: users, addresses: addresses.var, residual: Path.empty })));
    addresses.set(failed(new Error("down")));
    assert.equal(name.shown, "ab stale");
  });

  it("forgets nothing when nobody observes it: a later look-up in the outage starts from it again", () => {
    const { run } = restarted("ab");
    run.registry.cannotSay("/users");
    for (let time = 0; time < 3; time++) {
      using name = run.follow("/users");
      assert.equal(name.shown, "ab stale");
    }
  });

  it("remembers what was bound by a longer name as an id, too", () => {
    const clock = new FakeClock();
    const run = new RememberedRun(clock);
    run.registry.addresses("/users").set(ok(setOf("a")));
    run.registry.tree("/users/more").set(
      ok(
        leaf<Name>({
          kind: "bound",
          id: users,
          addresses: run.registry.addresses("/users").var,
          residual: Path.read("/more"),
        }),
      ),
    );
    run.follow("/users/more")[Symbol.dispose]();
    run.registry.cannotSay("/users");
    using name = run.follow("/users");
    assert.equal(name.shown, "a stale");
  });

  it("is not remembered once the registry has said that there is no such name", () => {
    const { run } = restarted("ab", 0);
    {
      using name = run.follow("/users");
      run.registry.knowsNo("/users");
      assert.equal(name.shown, "~");
    }
    run.registry.cannotSay("/users");
    using again = run.follow("/users");
    assert.equal(again.shown, "down");
  });

  it("shows as stale, or held, whatever the namer's own view says", () => {
    const { run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    assert.deepEqual(
      run.namer.watches().map(({ name: of, state, cause, endpoints }) => ({ of, state, cause, endpoints })),
      [{ of: "/users", state: "stale", cause: "down", endpoints: 2 }],
    );
    run.registry.says("/users", "");
    assert.equal(name.shown, "ab held");
    const [view] = run.namer.watches();
    assert.deepEqual([view?.state, view?.held?.lost], ["held", 2]);
    run.registry.says("/users", "ab");
    assert.equal(run.namer.watches()[0]?.state, "ok");
  });
});

describe("the first answer where nothing was served from memory", () => {
  it("is believed at once, whatever was lost since", () => {
    for (const [letters, shown] of [
      ["", ""],
      ["x", "x"],
      [undefined, "~"],
    ] as const) {
      const { clock, run } = restarted("abcd");
      using name = run.follow("/users");
      clock.advance(249);
      if (letters === undefined) run.registry.knowsNo("/users");
      else run.registry.says("/users", letters);
      assert.equal(name.shown, shown);
      assert.equal(run.looks, 0);
    }
  });
});

describe("the first answer after a start from memory", () => {
  it("takes its place at once where it is no loss", () => {
    const { run } = restarted("abcd");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.says("/users", "abcx");
    assert.equal(name.shown, "abcx");
    run.registry.says("/users", "");
    assert.equal(name.shown, "", "from then on the namer's own guard is enough");
  });

  it("is held where it is empty, and believed when a second look says the same after the hold", async () => {
    const { clock, run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.says("/users", "");
    assert.equal(name.shown, "ab held");
    await clock.advanceAsync(HOLD);
    assert.deepEqual([name.shown, run.looks], ["", 1]);
  });

  it("is held where there is no such name any more, and believed after the hold", async () => {
    const { clock, run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.knowsNo("/users");
    assert.equal(name.shown, "ab held");
    assert.equal(name.tree.tag === "ok" && name.tree.held?.lost, 2);
    await clock.advanceAsync(HOLD);
    assert.equal(name.shown, "~");
  });

  it("is replaced by what the second look finds, where that is something else", async () => {
    const { clock, run } = restarted("abcd");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.says("/users", "");
    run.second = new FakeRegistry();
    run.second.says("/users", "abc");
    await clock.advanceAsync(HOLD);
    assert.equal(name.shown, "abc");
    await clock.advanceAsync(10_000);
    assert.equal(run.second.isClosed, true);
  });

  it("is held on while the second look fails", async () => {
    const { clock, run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.says("/users", "");
    run.second = new FakeRegistry();
    run.second.cannotSay("/users");
    await clock.advanceAsync(HOLD + 10_000);
    assert.equal(name.shown, "ab held");
    run.second.says("/users", "");
    await clock.advanceAsync(40_000);
    assert.equal(name.shown, "");
  });

  it("ends the hold when the name is back, and is stale beside held when the registry goes again", () => {
    const { run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.knowsNo("/users");
    run.registry.cannotSay("/users");
    assert.equal(name.shown, "ab stale held");
    run.registry.says("/users", "abc");
    assert.equal(name.shown, "abc");
  });

  it("is believed at once when an operator orders it, or nothing of the name can be connected to", () => {
    for (const why of ["ordered", "unreachable"] as const) {
      const { run } = restarted("ab");
      using name = run.follow("/users");
      run.registry.cannotSay("/users");
      run.registry.knowsNo("/users");
      assert.equal(run.namer.release(users, why), true);
      assert.equal(name.shown, "~");
      assert.equal(run.namer.release(users, why), false);
      assert.deepEqual(run.registry.released, [`/users ${why}`, `/users ${why}`]);
    }
  });

  it("is believed at once where another id takes the place of the one that was known", () => {
    const { run } = restarted("ab");
    using name = run.follow("/users");
    run.registry.cannotSay("/users");
    run.registry.addresses("/moved").set(ok(setOf("z")));
    run.registry.tree("/users").set(
      ok(
        leaf<Name>({
          kind: "bound",
          id: Path.read("/moved"),
          addresses: run.registry.addresses("/moved").var,
          residual: Path.empty,
        }),
      ),
    );
    assert.equal(name.shown, "z");
  });

  it("is held for every name of a registry that comes back empty", async () => {
    const clock = new FakeClock();
    const before = new RememberedRun(clock);
    const names = Array.from({ length: 20 }, (_each, at) => `/n${at}`);
    for (const each of names) {
      before.registry.says(each, "ab");
      before.follow(each)[Symbol.dispose]();
    }
    const run = new RememberedRun(clock, before.memory);
    const followed = names.map((each) => run.follow(each));
    names.forEach((each) => run.registry.cannotSay(each));
    names.forEach((each) => run.registry.knowsNo(each));
    assert.deepEqual(new Set(followed.map((each) => each.shown)), new Set(["ab held"]));
    await clock.advanceAsync(HOLD);
    for (let at = 0; at < 10; at++) await turn();
    assert.deepEqual(new Set(followed.map((each) => each.shown)), new Set(["~"]));
    assert.equal(run.looks, 1, "one connection serves the second looks of a burst");
    followed.forEach((each) => each[Symbol.dispose]());
  });
});

describe("a remembering namer", () => {
  it("leaves no timer and no watch behind, and closes the namer", async () => {
    const { clock, run } = restarted("ab");
    {
      using name = run.follow("/users");
      run.registry.cannotSay("/users");
      run.registry.says("/users", "");
      assert.equal(name.shown, "ab held");
      using _ = run.follow("/never");
    }
    assert.equal(clock.waiting, 0);
    assert.equal(run.registry.tree("/users").observed, false);
    await run.namer[Symbol.asyncDispose]();
    assert.equal(run.registry.isClosed, true);
  });

  it("passes on what the namer can beside looking up, and only that", () => {
    const run = new RememberedRun(new FakeClock());
    assert.deepEqual([run.namer.instances, run.namer.names], [undefined, undefined]);
    const listing: Namer = Object.assign(new FakeRegistry(), {
      names: () => Var.of([users]),
      lookup: () => Var.of(neg),
    });
    assert.equal(listing.names?.().sample().tag, "ok");
  });
});
