/** Whatever happens in a cluster and to its API server, a namer ends up with what the API server has, and no re-list has to help. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { kubernetesFixture, type FakeKubernetesFixture } from "../fakes/kubernetes-fixture.ts";
import { ClusterModel } from "../fakes/kubernetes-model.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
/** With both kinds of objects a long run is some 100,000 steps. */
const RUNS = isLong ? 280 : 5;
const STEPS = isLong ? 250 : 60;

/** Between tries there is little time, so that more is tried. */
const times = { ...USUAL_TIMES, graceMs: 100, retryFromMs: 10, retryToMs: 100 };

const services = ["users", "orders", "cart"] as const;
const service = fc.constantFrom(...services);
const pods = fc.nat(7);
type Step = (model: ClusterModel, fixture: FakeKubernetesFixture) => void | Promise<void>;

const change: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(service, pods).map(([name, n]) => step(`start ${name} ${n}`, (m) => m.start(name, n))),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(service, pods).map(([name, n]) => step(`stop ${name} ${n}`, (m) => m.stop(name, n))),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(service, pods).map(([name, n]) => step(`again ${name} ${n}`, (m) => m.replace(name, n))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(service, pods, fc.constantFrom("ready", "out", "leaving"))
      .map(([name, n, how]) => step(`${how} ${name} ${n}`, (m) => m.turn(name, n, how as "ready" | "out" | "leaving"))),
  },
  { weight: 2, arbitrary: service.map((name) => step(`scale ${name} to 0`, (m) => m.scaleToNone(name))) },
  { weight: 2, arbitrary: service.map((name) => step(`delete ${name}`, (m) => m.delete(name))) },
  {
    weight: 3,
    arbitrary: fc.tuple(service, pods).map(([name, n]) => step(`move ${name} ${n}`, (m) => m.move(name, n))),
  },
  { weight: 2, arbitrary: service.map((name) => step(`rename slices of ${name}`, (m) => m.rename(name))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(service, service, pods)
      .map(([from, to, n]) => step(`address of ${from} ${n} to ${to}`, (m) => m.giveAddress(from, to, n))),
  },
  { weight: 2, arbitrary: service.map((name) => step(`touch ${name}`, (m) => m.touch(name))) },
);

const trouble: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  step("cut watches", (_, { server }) => server.cutWatches()),
  step("end watches", (_, { server }) => server.endWatches()),
  step("compact", (_, { server }) => server.history.compact()),
  step("compact and end", (_, { server }) => (server.history.pass(3), server.history.compact(), server.endWatches())),
  step("410 in the stream", (_, { server }) => server.errWatches({ status: 410, reason: "Expired" })),
  step("500 in the stream", (_, { server }) => server.errWatches({ status: 500 })),
  step("garbage", (_, { server }) => server.writeRaw("garbage\n")),
  step("bookmark", (_, { server }) => server.bookmark()),
  step("fail the next list", (_, { server }) => server.failNext({ status: 503, verb: "list" })),
  step("fail the next watch", (_, { server }) => server.failNext({ status: 500, verb: "watch" })),
  step("410 to the next watch", (_, { server }) => server.failNext({ status: 410, verb: "watch" })),
  step("cut the next lists", (_, { server }) => void (server.cutsListsAfter = 200)),
  step("whole lists", (_, { server }) => void (server.cutsListsAfter = undefined)),
  step("tell twice", (_, { server }) => void (server.delivery.repeatsEvents = !server.delivery.repeatsEvents)),
  step("tell in one piece", (_, { server }) => void (server.delivery.joinsEvents = !server.delivery.joinsEvents)),
  step(
    "tell in small pieces",
    (_, { server }) => void (server.delivery.pieceBytes = server.delivery.pieceBytes === undefined ? 11 : undefined),
  ),
  step("reset connections", (_, { proxy }) => proxy.reset()),
  step("start the server anew", async (_, { server }) => {
    await server.down();
    await server.up();
  }),
  step("set the server up anew", async (model, { server }) => {
    await server.down();
    server.history.wipe();
    model.writeAll();
    await server.up();
  }),
);

/** A moment for what happens to be noticed, or not. */
const moment: fc.Arbitrary<Step> = fc
  .constantFrom(1, 5, 20)
  .map((ms) => step(`${ms} ms`, () => new Promise<void>((resolve) => setTimeout(resolve, ms))));

const quiet: Step = step("quiet", (model, fixture) => settle(model, fixture));

const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: change },
    { weight: 3, arbitrary: trouble },
    { weight: 4, arbitrary: moment },
    { weight: 1, arbitrary: fc.constant(quiet) },
  ),
  { minLength: STEPS / 2, maxLength: STEPS, size: "max" },
);

/** Counter-examples are read by their names. */
function step(name: string, run: Step): Step {
  return Object.defineProperty(run, fc.toStringMethod, { value: () => name });
}

const followed = new Map<string, FollowedName>();

/** Everything is let through again; then the views are equal, and a list beside the watch finds nothing to set right. */
async function settle(model: ClusterModel, { namer, server }: FakeKubernetesFixture): Promise<void> {
  server.cutsListsAfter = undefined;
  for (const name of services) {
    const wanted = model.addresses(name);
    await eventually(
      `${name} is at ${wanted}`,
      () => wanted === (followed.get(name)?.isNeg === true ? "" : followed.get(name)?.keys?.join()),
      8_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}, and not at ${String(followed.get(name)?.keys)}`, { cause: error });
    });
  }
  let repairs: number | undefined;
  await eventually("it compared", async () => (repairs = await namer.resync()) !== undefined);
  assert.equal(repairs, 0);
  for (const name of services) {
    const keys = followed.get(name)?.isNeg === true ? "" : followed.get(name)?.keys?.join();
    assert.equal(keys, model.addresses(name));
  }
}

for (const writes of ["slices", "endpoints"] as const) {
  test(`a namer of ${writes} sees the cluster as it is after any changes and troubles, and no re-list repairs anything`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = new CountingClock();
        const log = new RecordingLog();
        const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
        await using fixture = await kubernetesFixture({ guard, clock, log, down: false }, { writes, times });
        const model = new ClusterModel(fixture.server, fixture.namespace, writes);
        for (const name of services) {
          followed.set(name, new FollowedName(fixture.namer.lookup(Path.of(fixture.namespace, "http", name))));
        }
        try {
          for (const each of all) await each(model, fixture);
          await settle(model, fixture);
          // What is told from now on must still be heard.
          model.start("users", 9);
          await settle(model, fixture);
          assert.deepEqual(log.told("kubernetes.repaired"), []);
          assert.deepEqual(log.told("bug"), []);
        } finally {
          for (const each of followed.values()) each[Symbol.dispose]();
        }
      }),
      { numRuns: RUNS, endOnFailure: !isLong },
    );
  });
}
