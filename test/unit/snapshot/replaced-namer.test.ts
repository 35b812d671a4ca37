import assert from "node:assert/strict";
import { it } from "node:test";
import { SourceGuard } from "../../../src/base/guard.ts";
import { silentLog } from "../../../src/base/log.ts";
import { failed } from "../../../src/base/var.ts";
import { FreshLooks } from "../../../src/snapshot/fresh-looks.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { FakeRegistry, RememberedRun } from "../../fakes/remembered-scene.ts";

function scene() {
  const clock = new FakeClock();
  const run = new RememberedRun(clock);
  const next = new FakeRegistry();
  const settings = { holdMs: 1, nameShare: 0.5, sourceShare: 0.2 };
  const replace = (): Promise<void> =>
    run.namer.replace({
      namer: next,
      looks: new FreshLooks(() => Promise.resolve(next), clock),
      guard: new SourceGuard(settings, clock, seededRandom(1), silentLog),
    });
  return { run, next, replace };
}

it("a name keeps its addresses until the namer that took the place has answered, and has that one's then", async () => {
  const { run, next, replace } = scene();
  using name = run.follow("/users");
  run.registry.says("/users", "ab");
  await replace();
  assert.equal(name.shown, "ab");
  next.says("/users", "c");
  assert.equal(name.shown, "c");
  assert.equal(run.registry.isClosed, true);
});

it("whoever follows the addresses of an id goes on following them", async () => {
  const { run, next, replace } = scene();
  using name = run.follow("/users");
  run.registry.says("/users", "a");
  const { tree } = name;
  await replace();
  next.says("/users", "b");
  assert.equal(name.tree.tag === "ok" && tree.tag === "ok" && name.tree.value === tree.value, true);
  assert.equal(name.shown, "b");
});

it("a namer that cannot ask makes what is known stale, and no less", async () => {
  const { run, next, replace } = scene();
  using name = run.follow("/users");
  run.registry.says("/users", "ab");
  await replace();
  next.tree("/users").set(failed(new Error("down")));
  assert.equal(name.shown, "ab stale");
  next.knowsNo("/users");
  assert.equal(name.shown, "~");
});

it("a name that comes later asks only the one that took the place", async () => {
  const { run, next, replace } = scene();
  await replace();
  next.says("/users", "c");
  using name = run.follow("/users");
  assert.equal(name.shown, "c");
});
