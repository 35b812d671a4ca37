/** Where Linkspan takes in or shows something else than the Linkerd 1.7.5 that was recorded, and why: for docs/compat.md. */

/** By the name of a record, why it is different. */
type Differences = Readonly<Record<string, string>>;

/** Of one reason for several records. */
const byName = (reasons: Readonly<Record<string, readonly string[]>>): Differences =>
  Object.fromEntries(Object.entries(reasons).flatMap(([why, names]) => names.map((name) => [name, why])));

/** By the name of a record in test/vectors/linkerd/broken.jsonl: the verdict is another. */
export const configurationDifferences = byName({
  "the protocol is not in this version": ["mux-without-experimental", "thrift-ok"],
  "`io.l5d.mesh` is not served: `io.l5d.namerd.http` gives the same names": ["interpreter-mesh-no-experimental"],
  "a number out of its range is refused; Linkerd cut it, or failed at each request": [
    "lb-aperture-negative",
    "fa-successrate-two",
    "fa-backoff-jittered-inverted",
    "retries-budget-negative",
    "retries-budget-ttl-large",
    "identifier-path-segments-zero",
    "identifier-path-segments-negative",
    "maxheaders-negative",
    "maxheaders-huge",
    "bindingtimeout-negative",
    "telemetry-zipkin-samplerate",
    "streamaftercontentlength",
    "compression-out-of-range",
    "client-static-wildcard",
  ],
  "a value of another type is refused; Linkerd failed at each request": [
    "timeout-duration-string",
    "timeout-float",
    "experimental-quoted-true",
  ],
  "what is missing is refused; Linkerd failed at each request": [
    "fa-backoff-jittered-missing",
    "client-tls-nothing",
    "service-static-no-prefix",
  ],
  "a pattern that matches nothing is refused": ["client-static-bad-prefix", "namer-rewrite-bad-pattern"],
  "an alias is refused; Linkerd took its name for the value": ["yaml-alias-inside"],
  "a folder that is a file is found when the namer is made": ["fs-rootdir-is-file"],
  "`experimental: true` is not asked for": [
    "telemetry-statsd-no-experimental",
    "interpreter-namerd-http-no-experimental",
  ],
});

/** By the service file of a record in test/vectors/linkerd/fs.jsonl. */
export const fileDifferences: Differences = {
  hostname: "a host name is resolved by the connector, again and again, not once",
  ipv6: "IPv6 is written in its canonical short form (RFC 5952)",
};

/** By the method and the target of a record in test/vectors/linkerd/admin.jsonl. */
export const adminDifferences = byName({
  "files that begin with a dot are not listed": ["GET /bound-names.json"],
  "the state of each name, in one form for all namers": ["GET /namer_state/io.l5d.fs.json"],
  "told of the JVM or of Finagle, which are not here": [
    "GET /admin/registry.json",
    "GET /admin/threads",
    "GET /admin/threads.json",
    "GET /admin/contention",
    "GET /admin/tracing",
  ],
  "the page at `/` is another, and has all in one": ["GET /files/css/dashboard.css"],
  "metrics under our own names": ["GET /metrics"],
});
