import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { SourceGuard } from "../../../src/base/guard.ts";
import { silentLog } from "../../../src/base/log.ts";
import { failed, ok, type State } from "../../../src/base/var.ts";
import { Path } from "../../../src/naming/path.ts";
import { Memory } from "../../../src/snapshot/memory.ts";
import { RememberedAddresses } from "../../../src/snapshot/remembered-addresses.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { Dial } from "../../fakes/naming-fixture.ts";
import { lettersOf, setOf } from "../../fakes/remembered-scene.ts";

/** One id whose source a test drives; a second look finds what the test says. */
class Scene {
  readonly clock = new FakeClock();
  readonly shelf = new Memory().of("/n").addresses;
  readonly source = new Dial<AddressSet>();
  readonly unused: string[] = [];
  second: AddressSet | undefined = undefined;
  readonly addresses: RememberedAddresses;

  constructor(remembered?: string) {
    const { clock, shelf } = this;
    if (remembered !== undefined) shelf.remember("/a", setOf(remembered));
    this.addresses = new RememberedAddresses(Path.read("/a"), {
      shelf,
      clock,
      guard: new SourceGuard({ holdMs: 30_000, nameShare: 0.5, sourceShare: 0.2 }, clock, seededRandom(1), silentLog),
      equals: AddressSet.same,
      look: async () => this.second,
      unused: (id) => void this.unused.push(id.show),
    });
    this.addresses.use();
  }

  /** What is said until the test's end, each as the hosts and what is the matter with them. */
  heard(): string[] & Disposable {
    const heard: string[] = [];
    const end = this.addresses.observe((state) => void heard.push(shown(state)));
    return Object.assign(heard, { [Symbol.dispose]: () => end[Symbol.dispose]() });
  }
}

function shown(state: State<AddressSet>): string {
  if (state.tag === "pending") return "pending";
  if (state.tag === "failed") return `failed: ${state.cause.message}`;
  const about = [state.stale ? ` stale: ${state.stale.cause.message}` : "", state.held ? " held" : ""].join("");
  return `${lettersOf(state.value)}${about}`;
}

test("addresses whose source does not answer in time are the remembered ones, stale until it answers", () => {
  const scene = new Scene("abc");
  scene.addresses.attach(scene.source.var);
  const heard = scene.heard();
  scene.clock.advance(249);
  assert.deepEqual(
    heard.filter((each) => each !== "pending"),
    [],
  );
  scene.clock.advance(1);
  assert.equal(heard.at(-1), "abc stale: the registry has not answered yet");
  heard[Symbol.dispose]();
  using late = scene.heard();
  assert.equal(late.at(-1), "abc stale: the registry has not answered yet", "it is not waited for a second time");
  scene.source.set(ok(setOf("abd")));
  assert.equal(late.at(-1), "abd");
});

test("a source that is silent, with nothing remembered, leaves its addresses pending, and no timer", () => {
  const scene = new Scene();
  scene.addresses.attach(scene.source.var);
  const heard = scene.heard();
  scene.clock.advance(60_000);
  assert.deepEqual(
    heard.filter((each) => each !== "pending"),
    [],
  );
  heard[Symbol.dispose]();
  scene.heard()[Symbol.dispose]();
  assert.equal(scene.clock.waiting, 0);
});

test("a source that fails first leaves what is remembered, and says why; with nothing remembered it has failed", () => {
  for (const [remembered, said] of [
    ["abc", "abc stale: down"],
    [undefined, "failed: down"],
  ] as const) {
    const scene = new Scene(remembered);
    scene.addresses.attach(scene.source.var);
    using heard = scene.heard();
    scene.source.set(failed(new Error("down")));
    assert.equal(heard.at(-1), said);
  }
});

test("an answer in time is believed as it is, whatever is remembered, and nothing speaks later", () => {
  const scene = new Scene("abc");
  scene.addresses.attach(scene.source.var);
  using heard = scene.heard();
  scene.clock.advance(100);
  scene.source.set(ok(setOf("z")));
  scene.clock.advance(60_000);
  assert.deepEqual(
    heard.filter((each) => each !== "pending"),
    ["z"],
  );
});

test("a loss by which a source begins is held, and shown held again to whoever looks later", async () => {
  const scene = new Scene("abcd");
  scene.addresses.attach(scene.source.var);
  using early = scene.heard();
  scene.clock.advance(250);
  scene.source.set(ok(setOf("a")));
  assert.equal(early.at(-1), "abcd held");
  early[Symbol.dispose]();
  using late = scene.heard();
  assert.equal(late.at(-1), "abcd held");
  assert.equal(scene.addresses.view()?.state, "held");
});

test("an id that the source does not know is held at the same addresses, and these are told to whoever follows", () => {
  const scene = new Scene("abcd");
  let believed = 0;
  assert.equal(
    scene.addresses.withdraw(() => void believed++),
    true,
  );
  using heard = scene.heard();
  assert.deepEqual([heard.at(-1), believed, scene.addresses.isWithdrawn], ["abcd held", 0, true]);
  scene.addresses.attach(scene.source.var);
  scene.source.set(ok(setOf("abcd")));
  assert.deepEqual([heard.at(-1), believed, scene.addresses.isWithdrawn], ["abcd", 1, false]);
});

test("an id of which nothing is remembered, or whose source is believed already, is not held", () => {
  const unknown = new Scene();
  assert.equal(unknown.addresses.withdraw(assert.fail), false);
  const settled = new Scene("abcd");
  settled.addresses.attach(settled.source.var);
  using _ = settled.heard();
  settled.source.set(ok(setOf("ab")));
  assert.equal(settled.addresses.withdraw(assert.fail), false);
});

test("when nobody uses it any more it is given back, with no timer left, and begins anew", () => {
  const scene = new Scene("abc");
  scene.addresses.attach(scene.source.var);
  const heard = scene.heard();
  scene.clock.advance(250);
  scene.source.set(ok(setOf("a")));
  heard[Symbol.dispose]();
  assert.deepEqual(scene.unused, []);
  scene.addresses.release();
  assert.deepEqual([scene.unused, scene.clock.waiting, scene.source.observed], [["/a"], 0, false]);
  assert.equal(scene.addresses.view(), undefined);
});
