import assert from "node:assert/strict";
import { test } from "node:test";
import { plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { ApiWriter } from "../../../../namers/kubernetes/api-writer.ts";
import { LeaseEnds } from "../../../../namers/kubernetes/lease-ends.ts";
import { leaseObject } from "../../../../namers/kubernetes/lease-object.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import type { KubeObject } from "../../../servers/kubernetes-admin.ts";

const namespace = "shop";
const { signal } = new AbortController();

test("a group whose lease nobody renews is told with when it ended, and one that is alive or never had one is not", async () => {
  await using server = await FakeKubernetes.start();
  const clock = new FakeClock();
  const context = testContext({ clock });
  await using access = plainAccess({ host: "127.0.0.1", port: server.port }, context);
  const writer = new ApiWriter({ access, clock, random: context.random });
  const ends = new LeaseEnds({ namespace, writer, clock });
  const renewed = (group: string, now: number): void => {
    const wish = { namespace, group, holder: "m-1", seconds: 15, now };
    server.put(leaseObject(wish, undefined) as unknown as KubeObject);
  };
  const longAgo = clock.wall() - 600_000;
  renewed("dead", longAgo);
  renewed("alive", clock.wall() - 20_000);
  const groups = new Set(["dead", "alive", "unknown"]);
  assert.deepEqual(await ends.of(groups, signal), new Map([["dead", longAgo + 15_000]]));
  const { length } = server.asked;
  assert.deepEqual(await ends.of(groups, signal), new Map([["dead", longAgo + 15_000]]));
  assert.equal(server.asked.length, length, "what was read is good for a while");
  clock.advance(40_000);
  renewed("dead", clock.wall());
  server.refusal = { status: 403, reason: "Forbidden" };
  assert.deepEqual(await ends.of(groups, signal), new Map(), "who cannot be asked for is not told");
  server.refusal = undefined;
  assert.deepEqual(await ends.of(new Set(["dead"]), signal), new Map());
});
