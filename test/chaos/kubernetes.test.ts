// Troubles of the real Kubernetes API server under traffic: not one request may fail for them.
import { missingForKubernetes } from "../servers/kubernetes.ts";
import { inOwnNetwork } from "../servers/netns.ts";
import { startKubernetesRegistry } from "./kubernetes-registry.ts";
import { chaosSuite } from "./suite.ts";

const missing = missingForKubernetes();

inOwnNetwork(import.meta.filename, missing, () =>
  chaosSuite({
    registry: "Kubernetes",
    missing,
    start: startKubernetesRegistry,
    without: {
      expire: "watches have no session; what ends one is the version that begins anew",
      setClock: "faketime does not reach a static program",
    },
  }),
);
