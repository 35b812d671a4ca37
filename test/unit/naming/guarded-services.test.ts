import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GuardedServices,
  Path,
  type ServiceListener,
  type ServiceReading,
  type ServiceSource,
} from "../../../src/plugin.ts";
import { joinAs, Observer } from "../../../src/base/observer.ts";
import type { State } from "../../../src/base/var.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { FollowedName, FollowedVar } from "../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { testContext } from "../../../src/testing/plugin-context.ts";

const users = Path.of("users");

/** A service whose registry is the test. */
class Told implements ServiceSource {
  listener: ServiceListener | undefined;
  second: ServiceReading = { members: undefined };
  follow(listener: ServiceListener): Disposable {
    this.listener = listener;
    return { [Symbol.dispose]: () => (this.listener = undefined) };
  }
  async confirm(): Promise<ServiceReading> {
    return this.second;
  }
}

function reading(...ports: number[]): ServiceReading {
  const members = ports.map((port) => {
    const address = { host: "10.0.0.1", port, weight: 1 };
    return [`${port}`, { address, instance: { ...address, id: `${port}`, ready: true } }] as const;
  });
  return { members: new Map(members) };
}

function servicesWith(holdMs: number) {
  const clock = new FakeClock();
  const services = new GuardedServices(testContext({ clock, guard: { holdMs, nameShare: 0.5, sourceShare: 0.2 } }));
  return { clock, services, source: new Told() };
}

test("a service is a leaf while somebody is there, and neg when its registry says that nobody is", () => {
  const { services, source } = servicesWith(0);
  using followed = new FollowedName(services.tree(users, Path.of("x"), source));
  assert.equal(followed.tree.state.tag, "pending");
  source.listener?.heard(reading(1, 2));
  assert.deepEqual(followed.keys, ["10.0.0.1:1", "10.0.0.1:2"]);
  assert.equal(followed.bound?.residual.show, "/x");
  source.listener?.heard(reading());
  assert.ok(followed.isNeg);
  source.listener?.heard(reading(3));
  assert.deepEqual(followed.keys, ["10.0.0.1:3"]);
  source.listener?.heard({ members: undefined });
  assert.ok(followed.isNeg);
});

test("a service that answers at once, and is left and asked for again by who hears it, is followed once", () => {
  const { services } = servicesWith(0);
  let following = 0;
  const source: ServiceSource = {
    follow(listener) {
      following++;
      listener.heard(reading(1));
      return { [Symbol.dispose]: () => void following-- };
    },
    confirm: () => Promise.reject(new Error("not asked here")),
  };
  const service = services.service(users, source);
  const again: Disposable[] = [];
  class Restless extends Observer<unknown> {
    hear({ tag }: State<unknown>): void {
      if (tag !== "ok" || again.length > 0) return;
      this[Symbol.dispose]();
      again.push(service.observe(() => undefined));
    }
  }
  joinAs(service, new Restless());
  assert.deepEqual([again.length, following, services.watches().length], [1, 1, 1]);
  again[0]?.[Symbol.dispose]();
  assert.deepEqual([following, services.watches().length], [0, 0]);
});

test("what a registry says of a service as a whole goes with its addresses", () => {
  const { services, source } = servicesWith(0);
  using followed = new FollowedName(services.tree(users, Path.empty, source));
  source.listener?.heard({ ...reading(1), meta: { authority: "users.example" } });
  assert.deepEqual(followed.addresses?.value?.meta, { authority: "users.example" });
  source.listener?.heard(reading(1));
  assert.deepEqual(followed.addresses?.value?.meta, {});
});

test("what is held is called no more as soon as something else has taken its place", () => {
  const { services, source } = servicesWith(1_000);
  using followed = new FollowedName(services.tree(users, Path.empty, source));
  source.listener?.heard(reading(1, 2, 3));
  source.listener?.heard({ members: new Map(), replaces: () => true });
  assert.deepEqual(followed.keys, undefined);
  source.listener?.heard({ ...reading(4), replaces: ({ address }) => address.port < 3 });
  assert.ok(followed.isHeld);
  assert.deepEqual(followed.keys, ["10.0.0.1:3", "10.0.0.1:4"]);
});

test("what cannot be asked has failed, or keeps what was heard last, dated by the first failure", () => {
  const { clock, services, source } = servicesWith(0);
  using followed = new FollowedName(services.tree(users, Path.empty, source));
  source.listener?.failed(new Error("refused"));
  assert.equal(followed.tree.states.at(-1)?.tag, "failed");
  source.listener?.heard(reading(1));
  assert.equal(followed.isStale, false);
  const since = clock.wall();
  source.listener?.failed(new Error("gone"));
  clock.advance(500);
  source.listener?.failed(new Error("still gone"));
  assert.deepEqual(followed.keys, ["10.0.0.1:1"]);
  const { state } = followed.tree;
  assert.ok(state.tag === "ok" && state.stale?.since === since);
  assert.equal(services.watches()[0]?.state, "stale");
});

test("a loss without a sign is held until a second look confirms it", async () => {
  const { clock, services, source } = servicesWith(1_000);
  using followed = new FollowedName(services.tree(users, Path.empty, source));
  source.listener?.heard(reading(1, 2));
  source.listener?.heard(reading());
  assert.ok(followed.isHeld);
  assert.deepEqual(followed.keys, ["10.0.0.1:1", "10.0.0.1:2"]);
  await clock.advanceAsync(1_000);
  assert.ok(followed.isNeg);
});

test("a held loss is believed at once when it is ordered, or when nothing can be connected to", () => {
  for (const why of ["ordered", "unreachable"] as const) {
    const { services, source } = servicesWith(1_000);
    using followed = new FollowedName(services.tree(users, Path.empty, source));
    source.listener?.heard(reading(1));
    source.listener?.heard(reading());
    assert.ok(followed.isHeld);
    assert.equal(services.release(users, why), true);
    assert.ok(followed.isNeg);
    assert.equal(services.release(users, why), false);
  }
});

test("what is withdrawn by a sign goes at once, and is still shown among the instances", () => {
  const { services, source } = servicesWith(60_000);
  using followed = new FollowedName(services.tree(users, Path.empty, source));
  using instances = new FollowedVar(services.instances(users, source));
  source.listener?.heard(reading(1));
  const withdrawn = [{ id: "1", host: "10.0.0.1", port: 1, weight: 1, ready: false }];
  source.listener?.heard({ members: new Map(), signs: new Set(["1"]), withdrawn });
  assert.ok(followed.isNeg);
  assert.deepEqual(
    instances.value?.map((each) => [each.id, each.ready]),
    [["1", false]],
  );
});

test("what a reading refuses is told and counted once, whoever asked for it", async () => {
  const log = new RecordingLog();
  const metrics = new MetricsRegistry();
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
  await using services = new GuardedServices(testContext({ clock: new FakeClock(), log, metrics, guard }));
  const source = new Told();
  using _ = new FollowedName(services.tree(users, Path.empty, source));
  const refused = new Map([["2", "it is empty"]]);
  for (let n = 0; n < 3; n++) source.listener?.heard({ ...reading(1), refused });
  source.listener?.heard({ ...reading(1), refused: new Map() });
  source.listener?.heard({ ...reading(1), refused });
  const shared = services.refusedEntries();
  for (let n = 0; n < 2; n++) shared.refuse("ns/users", "it is empty");
  assert.deepEqual(
    log.told("instance.refused").map(({ fields }) => [fields["name"], fields["entry"]]),
    [
      ["/users", "2"],
      ["/users", "2"],
      [undefined, "ns/users"],
    ],
  );
  const family = metrics.families().find(({ spec }) => spec.name === "linkspan_refused_instances_total");
  assert.deepEqual(
    family?.series.map((each) => ("value" in each ? each.value : undefined)),
    [3],
  );
});

test("two who observe share one source, which ends with the last of them, and with the whole", async () => {
  const { clock, services, source } = servicesWith(1_000);
  const first = new FollowedName(services.tree(users, Path.empty, source));
  const { listener } = source;
  using second = new FollowedName(services.tree(users, Path.of("x"), source));
  assert.equal(source.listener, listener);
  assert.equal(services.watches().length, 1);
  first[Symbol.dispose]();
  listener?.heard(reading(1));
  listener?.heard(reading());
  assert.ok(second.isHeld);
  await services[Symbol.asyncDispose]();
  assert.equal(source.listener, undefined);
  assert.equal(services.watches().length, 0);
  assert.equal(clock.waiting, 0);
  listener?.heard(reading(2));
  listener?.failed(new Error("late"));
  assert.deepEqual(second.keys, ["10.0.0.1:1"]);
});
