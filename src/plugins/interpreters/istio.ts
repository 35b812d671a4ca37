/** The interpreter `io.l5d.k8s.istio` of Linkerd 1: read in full, and not served. */
import { definePlugin, s } from "linkspan/plugin";

const REFUSED =
  "the interpreter io.l5d.k8s.istio is not served: it speaks to an Istio before 1.0; write its route rules as a dtab over the namer io.l5d.k8s";

export default definePlugin({
  api: 1,
  family: "interpreter",
  kind: "io.l5d.k8s.istio",
  schema: s.object({
    k8sApiserverHost: s.string({ default: "localhost", doc: "Where the Kubernetes API server is." }),
    k8sApiserverPort: s.port({ default: 8001, doc: "Its port." }),
    envVar: s.string({ default: "POD_NAMESPACE", doc: "The environment variable that says the namespace." }),
    labelSelector: s.optional(s.string({ doc: "The key of a label." })),
    discoveryHost: s.string({ default: "istio-pilot", doc: "Where Pilot's discovery is." }),
    discoveryPort: s.port({ default: 8080, doc: "Its port." }),
    apiserverHost: s.string({ default: "istio-pilot", doc: "Where Pilot's API is." }),
    apiserverPort: s.port({ default: 8081, doc: "Its port." }),
  }),
  refused: REFUSED,
  create() {
    throw new Error(REFUSED);
  },
});
