/** io.l5d.k8s on a real API server that has no EndpointSlices: the Endpoints that its controller makes are followed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { KubernetesRefused } from "../servers/kubernetes-admin.ts";
import { kubernetesFixture } from "../servers/kubernetes-fixture.ts";
import { serviceObject } from "../servers/kubernetes-objects.ts";
import { KubernetesPods } from "../servers/kubernetes-pods.ts";
import { requireServer } from "../servers/require.ts";

/** Controllers take their time on a busy machine. */
const CONTROLLED_MS = 20_000;
const PORT = 8080;

test("pods are called by their Endpoints, through a restart of the API server", { timeout: 180_000 }, async (t) => {
  if (!requireServer(t, missingForKubernetes())) return;
  await using server = await startKubernetes({
    flags: ["--runtime-config=discovery.k8s.io/v1=false", "--endpoint-reconciler-type=none"],
    // It goes on waiting for slices itself.
    failingChecks: ["informer-sync"],
    controllers: ["endpoints-controller"],
  });
  await assert.rejects(
    server.admin.send("GET", "/apis/discovery.k8s.io/v1/endpointslices"),
    (error) => error instanceof KubernetesRefused && error.status === 404,
  );
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 1 };
  const log = new RecordingLog();
  await using it = await kubernetesFixture(server, { guard, clock: new CountingClock(), log, down: false });
  const { namespace, namer, path } = it;
  const pods = await KubernetesPods.on(server.admin, { namespace, app: "users", port: PORT, zone: "east" });
  const selector = { app: "users" };
  await server.admin.put(serviceObject({ name: "users", namespace, selector, targetPort: "http" }));
  const users = path?.("users");
  assert.ok(users);
  using followed = new FollowedName(namer.lookup(users));
  const until = (ips: readonly string[]): Promise<boolean> => {
    const wanted = ips.map((ip) => `${ip}:${PORT}`).join();
    return eventually(`bound to ${wanted}`, () => followed.keys?.toSorted().join() === wanted, CONTROLLED_MS);
  };
  const [one, two, three] = [1, 2, 3].map((n) => ({ name: `users-${n}`, ip: `10.88.2.${n}` }));
  assert.ok(one && two && three);
  await pods.run(one);
  await until([one.ip]);
  await pods.run(two, false);
  await pods.setReady(two, true);
  await until([one.ip, two.ip]);
  await pods.setReady(one, false);
  await until([two.ip]);
  await server.restart();
  await pods.run(three);
  await until([two.ip, three.ip]);
  await pods.delete(two);
  await until([three.ip]);
});
