/** The `interpreter` of a router: which kinds there are, what each takes, and what is said of those that are not served. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import type { Config } from "../../../src/config/config.ts";
import { interpreterField } from "../../../src/config/interpreter-field.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { Registry } from "../../../src/config/registry.ts";

const parse = (interpreter: string): Promise<Config> => {
  const text = `routers:\n- protocol: http\n  servers: [{port: 0}]\n  interpreter: ${interpreter}\n`;
  return parseConfig(text, { file: "linkerd.yaml", baseDir: "/", builtins });
};

async function problems(interpreter: string): Promise<readonly string[]> {
  const error: unknown = await parse(interpreter).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ConfigError, "it is refused");
  return error.problems.map(({ message }) => message);
}

test("a router that says nothing has the interpreter `default`", async () => {
  const { routers } = await parseConfig("routers: [{protocol: http, servers: [{port: 0}]}]", {
    file: "f",
    baseDir: "/",
    builtins,
  });
  assert.equal(routers[0]?.interpreter.kind, "default");
});

for (const written of [
  "{kind: default, experimental: true}",
  "{kind: io.l5d.fs, dtabFile: out.dtab}",
  "{kind: io.l5d.consul.interpreter}",
  "{kind: io.l5d.consul.interpreter, host: consul, port: 8501, token: t, datacenter: dc2, pathPrefix: /dtabs, namespace: web, readConsistencyMode: stale, backoff: {kind: jittered, minMs: 5, maxMs: 60000}, tls: {commonName: consul}}",
  "{kind: io.l5d.consul.interpreter, backoff: {kind: constant, ms: 0}}",
  "{kind: io.l5d.k8s.configMap, experimental: true, name: routes, filename: out.dtab}",
  "{kind: io.l5d.k8s.configMap, inCluster: true, namespace: mesh, name: routes, filename: out.dtab}",
  "{kind: io.l5d.namerd.http, experimental: true, dst: /$/inet/namerd/4180}",
  "{kind: io.l5d.namerd.http, dst: /#/fs/namerd, namespace: web, retry: {baseSeconds: 1, maxSeconds: 60}, tls: {commonName: namerd}}",
]) {
  test(`${written} is taken`, async () => {
    const { warnings } = await parse(written);
    assert.deepEqual(warnings, []);
  });
}

test("kinds that are not served say what to do, together with every other mistake in them", async () => {
  const [mesh, unknown] = await problems("{kind: io.l5d.mesh, dst: /$/inet/namerd/4321, roots: /web}");
  assert.match(mesh ?? "", /io\.l5d\.mesh \(gRPC\) is not served; .* `kind: io\.l5d\.namerd\.http`/);
  assert.match(unknown ?? "", /unknown key `roots`/);
  assert.match((await problems("{kind: io.l5d.namerd}")).join(), /`dst` is missing.*ThriftMux/s);
  const retry = "retry: {baseSeconds: 9, maxSeconds: 5}";
  assert.match((await problems(`{kind: io.l5d.namerd, dst: /$/inet/a/1, ${retry}}`)).join(), /more than `maxSeconds`/);
  assert.match((await problems("{kind: io.l5d.k8s.istio}")).join(), /write its route rules as a dtab/);
});

for (const [what, written, says] of [
  ["an unknown kind", "{kind: io.l5d.configMap}", /unknown kind `io\.l5d\.configMap`/],
  ["a file that is missing", "{kind: io.l5d.fs}", /`dtabFile` is missing/],
  ["a ConfigMap without a name", "{kind: io.l5d.k8s.configMap, filename: f}", /`name` is missing/],
  ["a ConfigMap without a key", "{kind: io.l5d.k8s.configMap, name: f}", /`filename` is missing/],
  [
    "two ways to an API server",
    "{kind: io.l5d.k8s.configMap, name: f, filename: f, host: h, inCluster: true}",
    /different ways/,
  ],
  ["a namespace with a slash", "{kind: io.l5d.consul.interpreter, namespace: a/b}", /letters, digits/],
  ["two tokens", "{kind: io.l5d.consul.interpreter, token: a, tokenFile: b}", /cannot stand beside/],
  [
    "a back-off upside down",
    "{kind: io.l5d.consul.interpreter, backoff: {kind: jittered, minMs: 2, maxMs: 1}}",
    /more than `maxMs`/,
  ],
  [
    "a back-off of half",
    "{kind: io.l5d.consul.interpreter, backoff: {kind: jittered, minMs: 2}}",
    /`maxMs` is missing/,
  ],
  ["a namerd nowhere", "{kind: io.l5d.namerd.http}", /`dst` is missing/],
  ["no seconds at all", "{kind: io.l5d.namerd.http, dst: /a, retry: {baseSeconds: 0}}", /./],
] as const) {
  test(`${what} is refused`, async () => assert.match((await problems(written)).join("\n"), says));
}

test("keys that do nothing here are taken with a warning", async () => {
  const { warnings } = await parse("{kind: io.l5d.consul.interpreter, failFast: true, writeConsistencyMode: stale}");
  assert.deepEqual(
    warnings.map(({ message }) => message.split("`")[1]),
    ["failFast", "writeConsistencyMode"],
  );
});

test("what is completed in an editor are the kinds that are served", () => {
  const { json } = interpreterField(new Registry(builtins));
  const kinds = [...JSON.stringify(json).matchAll(/"kind":\{"const":"([^"]+)"\}/g)].map(([, kind]) => kind ?? "");
  const own = kinds.filter((kind) => /^default$|interpreter|configMap|namerd|mesh|istio|\.fs$/.test(kind));
  assert.deepEqual(own.sort(), [
    "default",
    "io.l5d.consul.interpreter",
    "io.l5d.fs",
    "io.l5d.k8s.configMap",
    "io.l5d.namerd.http",
  ]);
});
