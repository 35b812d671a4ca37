// Starts on the real Kubernetes API server: whichever comes first, the first success is soon.
import { missingForKubernetes } from "../servers/kubernetes.ts";
import { inOwnNetwork } from "../servers/netns.ts";
import { kubernetesStartRegistry } from "./start-registry.ts";
import { startSuite } from "./start-suite.ts";

const missing = missingForKubernetes();

inOwnNetwork(import.meta.url, missing, () => {
  startSuite({ registry: "Kubernetes", missing, start: kubernetesStartRegistry });
});
