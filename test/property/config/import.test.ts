/** What a linkerd.yaml is imported to binds the same names to the same trees, and treats their requests the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { builtins } from "../../../src/builtins.ts";
import {
  type ClientConfig,
  type Config,
  type RouterConfig,
  type ServiceConfig,
  settingsFor,
} from "../../../src/config/config.ts";
import { importLinkerd } from "../../../src/config/import/import-linkerd.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { meaningOf, meansTheSame } from "../../../src/config/meaning.ts";
import { Path } from "../../../src/naming/path.ts";
import { boundBy } from "../../fakes/constant-namers.ts";

const options = { file: "linkerd.yaml", baseDir: "/", builtins };

const HOSTS = ["users", "cart", "mail"];
const NAMES = [...HOSTS, "Users", "users:80", "svc", "stranger"].map((host) => `/svc/${host}`);

const namers = [
  { kind: "io.l5d.fs", rootDir: "disco" },
  { kind: "io.l5d.curator", prefix: "/zk", zkAddrs: [{ host: "zk1", port: 2181 }], basePath: "/services" },
  { kind: "io.l5d.serversets", prefix: "/ss", zkAddrs: [{ host: "::1", port: 2181 }] },
  { kind: "io.l5d.consul", host: "127.0.0.1", port: 8500 },
  { kind: "io.l5d.k8s", prefix: "/k8s", inCluster: true },
  { kind: "io.l5d.marathon", prefix: "/m", host: "m.example", port: 8080 },
  { kind: "io.l5d.fs", prefix: "/zk/inner", rootDir: "other" },
];
const places = [
  "/#/io.l5d.fs",
  "/#/zk",
  "/#/ss/prod",
  "/#/io.l5d.consul/.local",
  "/#/k8s/shop/http",
  "/#/m",
  "/#/nobody",
];

const place = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...places), fc.constantFrom("", "/users", "/cart", "/a b"))
      .map((parts) => parts.join("").replace(" ", "\\x20")),
  },
  { weight: 2, arbitrary: fc.constantFrom("/host", "/srv", "/srv/users", "/svc/users") },
  { weight: 1, arbitrary: fc.constantFrom("/$/inet/10.0.0.1/80", "/$/nil", "/$/inet/host.example/8080") },
);
const weighted = fc
  .array(fc.tuple(fc.constantFrom(1, 9, 0.5), place), { minLength: 2, maxLength: 3 })
  .map((branches) => branches.map(([weight, each]) => `${weight} * ${each}`).join(" & "));
const tree = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: place }, { weight: 1, arbitrary: weighted }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom("", "", "", " | !", " | ~", " | $"),
  )
  .map(([trees, end]) => trees.join(" | ") + end);
const prefix = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("/svc", "/host", "/srv") },
  { weight: 3, arbitrary: fc.constantFrom(...HOSTS).map((host) => `/svc/${host}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "/svc/*",
      "/host/users",
      "/srv/cart",
      "/svc/Users",
      "/svc/users:80",
      "/#/zk/users",
      "/svc/users/x",
    ),
  },
);
const anyDtab = fc
  .array(fc.tuple(prefix, tree), { maxLength: 5 })
  .map((dentries) => dentries.map(([left, right]) => `${left} => ${right} ;\n`).join(""));

/** As people write them: a way for all names, and some names of their own. */
const bases = [
  "",
  "/svc => /#/zk ;\n",
  "/svc => /#/io.l5d.fs ;\n/svc => /#/zk ;\n",
  "/srv => /#/io.l5d.fs ;\n/host => /srv ;\n/svc => /host ;\n",
  "/svc/* => /#/zk/all ;\n",
  "/svc => 1 * /#/zk & 9 * /#/io.l5d.fs ;\n",
];
const leaf = fc
  .tuple(fc.constantFrom("/#/zk", "/#/io.l5d.fs", "/#/io.l5d.consul/.local"), fc.constantFrom(...HOSTS))
  .map((parts) => parts.join("/"));
const usualTree = fc.oneof(
  fc.array(leaf, { minLength: 1, maxLength: 2 }).map((leaves) => leaves.join(" | ")),
  fc.tuple(leaf, leaf).map(([a, b]) => `1 * ${a} & 3 * ${b}`),
  leaf.map((each) => `${each} | !`),
);
const usualDtab = fc
  .tuple(fc.constantFrom(...bases), fc.array(fc.tuple(fc.constantFrom(...HOSTS), usualTree), { maxLength: 3 }))
  .map(([base, lines]) => base + lines.map(([host, right]) => `/svc/${host} => ${right} ;\n`).join(""));
const dtab = fc.oneof({ weight: 3, arbitrary: usualDtab }, { weight: 1, arbitrary: anyDtab });

const clientKeys = fc.record(
  {
    loadBalancer: fc.constantFrom(
      { kind: "ewma" },
      { kind: "ewma", failurePenaltyMs: 1000 },
      { kind: "p2c" },
      { kind: "roundRobin" },
      { kind: "aperture", minAperture: 9 },
    ),
    requestAttemptTimeoutMs: fc.constantFrom(500, 2000),
    maxPendingRequests: fc.constantFrom(10, 1000),
    connectTimeoutMs: fc.constantFrom(1000, 1000, 1000, 300),
    tls: fc.constantFrom(
      { commonName: "a.example" },
      { disableValidation: true },
      { commonName: "a", trustCerts: ["r.pem"] },
    ),
  },
  { requiredKeys: [] },
);
const serviceKeys = fc.record(
  {
    totalTimeoutMs: fc.constantFrom(1000, 2500),
    retries: fc.constantFrom(
      { limit: 1 },
      { budget: { percentCanRetry: 0.5 } },
      { backoff: { kind: "constant", ms: 20 } },
      { backoff: { kind: "jittered", minMs: 10, maxMs: 1000 } },
    ),
    responseClassifier: fc.constantFrom(
      { kind: "io.l5d.http.nonRetryable5XX" },
      { kind: "io.l5d.http.retryableAll5XX" },
      { kind: "io.l5d.http.retryableIdempotent5XX" },
      { kind: "io.l5d.http.retryableRead5XX" },
    ),
  },
  { requiredKeys: [] },
);
/** For all names, or for some. */
const settings = (keys: fc.Arbitrary<object>, prefixes: readonly string[]): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 3, arbitrary: keys },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.constantFrom("/", ...prefixes), keys), { maxLength: 3 })
        .map((rules) => ({ kind: "io.l5d.static", configs: rules.map(([each, said]) => ({ prefix: each, ...said })) })),
    },
  );
const server = fc.record(
  {
    ip: fc.constantFrom("0.0.0.0", "127.0.0.1"),
    clearContext: fc.constantFrom(false, false, false, true),
    trust: fc.constantFrom(["10.0.0.0/8"], []),
  },
  { requiredKeys: [] },
);
/** A classifier of HTTP/1 as that of HTTP/2. */
const forH2 = (keys: unknown): unknown => JSON.parse(JSON.stringify(keys).replaceAll("io.l5d.http.", "io.l5d.h2."));
const router = fc
  .record(
    {
      protocol: fc.constantFrom("http", "http", "h2"),
      dtab,
      identifier: fc.constantFrom<object>(
        { kind: "io.l5d.header.token" },
        { kind: "io.l5d.header.token", header: "host" },
        [{ kind: "linkspan.host" }],
        { kind: "io.l5d.path" },
      ),
      client: settings(clientKeys, ["/#/zk", "/#/zk/users", "/#/io.l5d.fs/{name}"]),
      service: settings(serviceKeys, ["/svc/users", "/svc/*"]),
      bindingTimeoutMs: fc.constantFrom(10_000, 10_000, 10_000, 500),
      server,
    },
    { requiredKeys: ["dtab", "protocol"] },
  )
  .map(({ server: said = {}, ...keys }) => ({ ...keys, servers: [said] }))
  .chain((one) => fc.constantFrom([one], [one], [one, { ...one, protocol: one.protocol === "h2" ? "http" : "h2" }]));

const files = fc
  .tuple(
    fc.constantFrom(namers, namers.slice(0, -1), namers.slice(1, -1)),
    fc.array(router, { minLength: 1, maxLength: 3 }),
  )
  .map(([served, routers]) => ({
    namers: served,
    routers: routers.flat().map(({ servers, service, ...keys }, at) => ({
      label: at === 0 ? keys.protocol : `r${at}`,
      ...keys,
      ...(service === undefined ? {} : { service: keys.protocol === "h2" ? forH2(service) : service }),
      servers: servers.map((each) => ({ port: 5000 + at, ...each })),
    })),
  }));

/** Answers of gRPC apart, what judges answers of HTTP/2 on the routers of the short form. */
const STATUS: Readonly<Record<string, string>> = {
  "io.l5d.h2.nonRetryable5XX": "none",
  "io.l5d.h2.retryableIdempotent5XX": "idempotent",
  "io.l5d.h2.retryableAll5XX": "all",
};
function judging({ responseClassifier: { kind, config }, ...rest }: ServiceConfig): object {
  const retryable = STATUS[kind] ?? (config as { readonly retryable?: string }).retryable;
  return { ...rest, classifier: retryable === undefined ? kind : `linkspan.status ${retryable}` };
}

/** One file with roots can be said in two ways. */
function trusting({ tls, ...rest }: ClientConfig): object {
  if (tls?.trustCerts === undefined) return { tls, ...rest };
  const { trustCerts, ...more } = tls;
  return { ...rest, tls: trustCerts.length === 1 ? { ...more, trustCertsBundle: trustCerts[0] } : tls };
}

/** The router that listens on the same port. */
function counterpart(config: Config, { servers }: RouterConfig): number {
  return config.routers.findIndex((each) => each.servers[0]?.port === servers[0]?.port);
}

test("an imported file binds the same names to the same trees, with the same settings, whatever exists", async () => {
  let translated = 0;
  let joined = 0;
  let all = 0;
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (written, seed) => {
      const text = JSON.stringify(written);
      const before = await parseConfig(text, options);
      const imported = await importLinkerd(text, options);
      const after = await parseConfig(imported.text, options);
      const listening = imported.report.filter(({ to, key }) => to === "listen" && key.endsWith("protocol"));
      if (listening.length > 0) translated++;
      if (listening.length > 1) joined++;
      all++;
      const exists = (id: string): boolean => ((seed >>> (id.length % 30)) & 1) === 1;
      const shown = (config: Config) =>
        config.namers.map(({ prefix: each, ...rest }) => `${each.show} ${meaningOf(rest)}`).toSorted();
      assert.deepEqual(shown(after), shown(before));
      assert.equal(after.routers.length, before.routers.length);
      for (const [index, old] of before.routers.entries()) {
        const now = counterpart(after, old);
        const made = after.routers[now];
        assert.ok(made);
        assert.deepEqual([made.label, made.protocol], [old.label, old.protocol]);
        for (const name of NAMES) {
          assert.equal(
            boundBy(after, name, exists, now),
            boundBy(before, name, exists, index),
            `${name}\n${imported.text}`,
          );
          assert.ok(
            meansTheSame(
              judging(settingsFor(old.service, Path.read(name))),
              judging(settingsFor(made.service, Path.read(name))),
            ),
          );
        }
        for (const id of places.flatMap((each) => [each, `${each}/users`, `${each}/cart`])) {
          assert.ok(
            meansTheSame(
              trusting(settingsFor(old.client, Path.read(id))),
              trusting(settingsFor(made.client, Path.read(id))),
            ),
            `${id}\n${imported.text}`,
          );
        }
      }
    }),
    { numRuns: 80 },
  );
  // Else the law would say nothing.
  assert.ok(translated > all / 20 && joined > 0, `${translated} and ${joined} of ${all}`);
});
