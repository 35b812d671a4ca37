// Troubles of the real Kubernetes API server under traffic: not one request may fail for them.
import { missingForKubernetes } from "../servers/kubernetes.ts";
import { inOwnNetwork } from "../servers/netns.ts";
import { missingForStaticClock } from "../servers/static-clock.ts";
import {
  startKubernetesRegistry,
  startSealedKubernetesRegistry,
  startServersOfKubernetesRegistry,
} from "./kubernetes-registry.ts";
import { chaosSuite } from "./suite.ts";

const missing = missingForKubernetes() ?? missingForStaticClock();

inOwnNetwork(import.meta.url, missing, () => {
  chaosSuite({
    registry: "Kubernetes",
    missing,
    start: startKubernetesRegistry,
    without: {
      expire: "watches have no session; what ends one is the version that begins anew",
    },
  });
  chaosSuite({
    registry: "Kubernetes over HTTP/2",
    missing,
    start: startSealedKubernetesRegistry,
    only: [
      "is killed and started again",
      "is frozen",
      "is at the other end of connections that are half open",
      "answers one byte a second",
    ],
  });
  chaosSuite({
    registry: "Kubernetes of two API servers",
    missing,
    start: startServersOfKubernetesRegistry,
    only: ["is started anew, server by server"],
  });
});
