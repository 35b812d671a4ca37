/** The kinds and keys of Linkerd 1 that this version knows by name but does not do. */

const namers = ["consul", "dnssrv", "k8s", "k8s.external", "k8s.istio", "k8s.ns", "marathon", "rancher", "rewrite"];
const zookeeper = ["curator", "serversets", "zkLeader"];
const identifiers = ["header", "header.path", "header.token", "ingress", "k8s.istio", "k8s.istio-ingress"];
const moreIdentifiers = ["methodAndHost", "path", "static"];

const kinds: Readonly<Record<string, readonly string[]>> = {
  namer: [...namers, ...zookeeper, "fs"].map(prefixed),
  announcer: ["serversets"].map(prefixed),
  identifier: [...identifiers, ...moreIdentifiers].map(prefixed),
  balancer: ["p2c", "ewma", "aperture", "heap", "roundRobin"],
  accrual: ["consecutiveFailures", "successRate", "successRateWindowed"].map(prefixed),
  classifier: ["nonRetryable5XX", "retryableRead5XX", "retryableIdempotent5XX", "retryableAll5XX", "allSuccessful"]
    .flatMap((kind) => [`http.${kind}`, `h2.${kind}`])
    .concat(
      "h2.grpc.default",
      "h2.grpc.compliant",
      "h2.grpc.alwaysRetryable",
      "h2.grpc.neverRetryable",
      "h2.grpc.retryableStatusCodes",
    )
    .map(prefixed),
  interpreter: ["consul.interpreter", "fs", "k8s.configMap", "k8s.istio", "mesh", "namerd", "namerd.http"].map(
    prefixed,
  ),
};

/** For each kind of a family that Linkerd 1 had: the sentence that refuses it, where no plugin serves it. */
export function notInThisVersion(family: string): Readonly<Record<string, string>> {
  return refusals(kinds[family] ?? []);
}

/** For each name the sentence that it is not in this version. */
export function refusals(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, `\`${name}\` is not in this version`]));
}

function prefixed(kind: string): string {
  return `io.l5d.${kind}`;
}
