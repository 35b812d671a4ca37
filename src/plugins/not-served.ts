/** Kinds of Linkerd 1 that are read in full and not served: each says what to do instead. */
import { definePlugin, s } from "linkspan/plugin";

const RANCHER =
  "the namer io.l5d.rancher is not served: it reads the metadata of Rancher 1; use io.l5d.k8s on Rancher 2, or io.l5d.dnssrv or io.l5d.fs elsewhere";
const ISTIO_NAMER =
  "the namer io.l5d.k8s.istio is not served: it asks the Pilot of an Istio before 1.0; use io.l5d.k8s, which needs no mesh";
const istioIdentifier = (kind: string): string =>
  `the identifier ${kind} is not served: it asks an Istio before 1.0; use io.l5d.ingress, or io.l5d.header.token with a dtab`;

/** Throws what the schema has refused already. */
function never(why: string): () => never {
  return () => {
    throw new Error(why);
  };
}

const rancher = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.rancher",
  schema: s.object({
    portMappings: s.record(s.port(), { default: {}, doc: "Ports by name, beside http and https." }),
    maxWait: s.integer({ min: 1, default: 30, doc: "How long one question may take, in seconds." }),
  }),
  refused: RANCHER,
  create: never(RANCHER),
});

const istioNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.k8s.istio",
  schema: s.object({
    host: s.string({ default: "istio-pilot", doc: "Where Pilot is." }),
    port: s.port({ default: 8080, doc: "Its port." }),
  }),
  refused: ISTIO_NAMER,
  create: never(ISTIO_NAMER),
});

const istioKeys = {
  discoveryHost: s.string({ default: "istio-pilot", doc: "Where Pilot's discovery is." }),
  discoveryPort: s.port({ default: 8080, doc: "Its port." }),
  apiserverHost: s.string({ default: "istio-pilot", doc: "Where Pilot's API is." }),
  apiserverPort: s.port({ default: 8081, doc: "Its port." }),
};

const ingressKeys = {
  namespace: s.optional(s.string({ doc: "Only of this namespace." })),
  ingressClassAnnotation: s.string({ default: "istio", doc: "The class of Ingresses." }),
  ignoreDefaultBackends: s.boolean({ default: false, doc: "Whether only rules count." }),
  host: s.string({ default: "localhost", doc: "Where the Kubernetes API server is." }),
  port: s.port({ default: 8001, doc: "Its port." }),
};

const istioIdentifiers = [
  ["io.l5d.k8s.istio", s.object(istioKeys)] as const,
  ["io.l5d.k8s.istio-ingress", s.object({ ...istioKeys, ...ingressKeys })] as const,
].map(([kind, schema]) =>
  definePlugin({
    api: 1,
    family: "identifier",
    kind,
    protocols: ["http", "h2"],
    schema,
    refused: istioIdentifier(kind),
    create: never(istioIdentifier(kind)),
  }),
);

export default [rancher, istioNamer, ...istioIdentifiers];
