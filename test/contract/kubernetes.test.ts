/** io.l5d.k8s and io.l5d.k8s.ns are held to the contract of namers, by EndpointSlices and by Endpoints. */
import { namerContract } from "../../src/testing/namer-contract.ts";
import { isFastSet } from "../fakes/fast-set.ts";
import { kubernetesFixture } from "../fakes/kubernetes-fixture.ts";

// Pods have no weight.
namerContract("io.l5d.k8s", (given) => kubernetesFixture(given), { without: ["weights"] });
if (!isFastSet) {
  namerContract(
    "io.l5d.k8s.ns by number",
    (given) => kubernetesFixture(given, { namespace: "shop", port: "80" }),
    // Names are listed with their ports by name.
    { without: ["names", "weights"] },
  );
  namerContract(
    "io.l5d.k8s before EndpointSlices",
    (given) => kubernetesFixture(given, { writes: "endpoints" }),
    // Endpoints do not say in which zone they are.
    { without: ["weights", "zones"] },
  );
}
