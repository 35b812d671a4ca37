/** io.l5d.k8s is held to the contract of namers on the real API server. */
import { after, before } from "node:test";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { kubernetesFixture } from "../servers/kubernetes-fixture.ts";

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
    // The API server takes in nothing that cannot be read.
    { without: ["names", "weights", "refuse", "garbage"] },
  );
}
