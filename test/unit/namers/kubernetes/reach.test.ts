import assert from "node:assert/strict";
import { test } from "node:test";
import { plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { endpointSlicesIn } from "../../../../namers/kubernetes/api-place.ts";
import { Reach } from "../../../../namers/kubernetes/reach.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import { NAMESPACE, reflectorLab, slice } from "../../../fakes/kubernetes-reflector.ts";
import { TroubleProxy } from "../../../servers/trouble-proxy.ts";

const STEP_MS = 100;
/** A question that is not answered, and the longest wait before the next. */
const WITHIN_MS = 3_500;

test("after an outage in which connections were taken and never heard, all is listed within seconds of its end", async () => {
  const clock = new FakeClock();
  const server = await FakeKubernetes.start();
  await using proxy = await TroubleProxy.before(server.port);
  await using lab = await reflectorLab({ clock, server, port: proxy.port, isProbed: false });
  server.put(slice("a", "10.0.0.1"));
  await eventually("it sees the first", () => lab.view === "users 10.0.0.1");
  await eventually("it watches", () => server.watches === 1);
  proxy.halfOpen();
  server.put(slice("b", "10.0.0.2"));
  for (let passed = 0; passed < 30_000; passed += STEP_MS) {
    await clock.advanceAsync(STEP_MS);
    await quietFor(1);
  }
  assert.ok(lab.told.filter((each) => each.startsWith("failed")).length > 2, lab.told.join());
  assert.equal(lab.view, "users 10.0.0.1");
  proxy.mend();
  let passed = 0;
  await eventually("it sees both", async () => {
    if (passed < WITHIN_MS) await clock.advanceAsync(STEP_MS);
    passed += STEP_MS;
    await quietFor(5);
    return lab.view === "users 10.0.0.1,users 10.0.0.2";
  });
});

test("it asks in little before each list but the first and one of ten, for a server may be there, and slow", async () => {
  await using server = await FakeKubernetes.start();
  const context = testContext({ clock: new FakeClock() });
  await using access = plainAccess({ host: "127.0.0.1", port: server.port }, context);
  const options = {
    access,
    place: endpointSlicesIn(NAMESPACE),
    clock: context.clock,
    signal: AbortSignal.timeout(20_000),
  };
  const reach = new Reach();
  const asked: number[] = [];
  for (let list = 0; list < 12; list++) {
    await reach.check(options);
    asked.push(server.asked.length);
  }
  assert.deepEqual(asked, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10]);
  reach.listed();
  server.failNext({ status: 500, reason: "InternalError", verb: "list" });
  await reach.check(options);
  assert.equal(server.asked.length, 11, "a refusal is an answer, and shows with the list");
});
