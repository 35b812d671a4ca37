/** io.l5d.k8s is held to the contract of namers on the real API server. */
import { after, before, test } from "node:test";
import { Var } from "../../src/base/var.ts";
import type { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedVar } from "../../src/testing/followed-var.ts";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { kubernetesFixture } from "../servers/kubernetes-fixture.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForKubernetes();
let server: KubernetesServer | undefined;

before(async () => {
  if (missing === undefined) server = await startKubernetes({ controllers: false });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

if (missing === undefined) {
  namerContract(
    "io.l5d.k8s on the real API server",
    (options) => {
      if (server === undefined) throw new Error("there is no API server");
      return kubernetesFixture(server, options);
    },
    // The API server takes in nothing that cannot be read. Its names are those of the whole cluster: see below.
    { without: ["names", "weights", "refuse", "garbage"] },
  );
}

test("the names of the whole cluster are listed and followed on the real API server", async (t) => {
  if (!requireServer(t, missing) || !server) return;
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
  const options = { guard, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await kubernetesFixture(server, options);
  await fixture.put("users", []);
  using names = new FollowedVar(fixture.namer.names?.() ?? Var.of<readonly Path[]>([]));
  const home = `/${fixture.namespace}/`;
  const shown = (): string | undefined =>
    names.value
      ?.map((each) => each.show)
      .filter((each) => each.startsWith(home))
      .join();
  await eventually("one name", () => shown() === `${home}http/users`);
  await fixture.put("orders", []);
  await eventually("two names", () => shown() === `${home}http/orders,${home}http/users`);
  await fixture.drop("users");
  await eventually("one name again", () => shown() === `${home}http/orders`);
});
