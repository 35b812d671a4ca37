import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsFor } from "../../../src/config/config.ts";
import { Path } from "../../../src/naming/path.ts";
import { errorsOf, read } from "./read.ts";

const sources = "sources:\n  zk: {zookeeper: zk1}\n";

test("callers come by TLS with the certificates under `listen`, and must show their own where roots are said", async () => {
  const tlsOf = async (tls: string) => {
    const { routers } = await read(`${sources}listen: {http: 4140, h2: 4142, tls: ${tls}}\nroutes: {a: zk/a}\n`);
    assert.deepEqual(routers[0]?.servers[0]?.tls, routers[1]?.servers[0]?.tls);
    return routers[0]?.servers[0]?.tls;
  };
  const plain = {
    certPath: "c.pem",
    keyPath: "c.key",
    certificates: [],
    requireClientAuth: false,
    ciphers: [],
    protocols: [],
  };
  assert.deepEqual(await tlsOf("{cert: c.pem, key: c.key}"), plain);
  assert.deepEqual(await tlsOf("{cert: c.pem, key: c.key, ca: r.pem, certificates: [{cert: d.pem, key: d.key}]}"), {
    ...plain,
    certificates: [{ certPath: "d.pem", keyPath: "d.key" }],
    caCertPath: "r.pem",
    clientAuth: "required",
  });
  const asked = await tlsOf("{cert: c.pem, key: c.key, ca: r.pem, clientAuth: optional}");
  assert.equal(asked?.clientAuth, "optional");
});

test("instances are called by TLS where a route or the file says so, and in plain text where a route says `false`", async () => {
  const { routers } = await read(`${sources}tls: {name: internal, ca: r.pem, cert: c.pem, key: c.key}
routes:
  a: zk/a
  b: {to: zk/b, tls: {name: b.internal}}
  c: {to: zk/c, tls: false}
  d: {to: zk/d, tls: {insecure: true}}
`);
  const tlsOf = (id: string) => {
    const router = routers[0];
    assert.ok(router);
    return settingsFor(router.client, Path.read(id)).tls;
  };
  const all = { enabled: true, disableValidation: false, protocols: [] };
  assert.deepEqual(tlsOf("/#/zk/a"), {
    ...all,
    commonName: "internal",
    trustCertsBundle: "r.pem",
    clientAuth: { certPath: "c.pem", keyPath: "c.key" },
  });
  assert.deepEqual(tlsOf("/#/zk/b"), { ...all, commonName: "b.internal" });
  assert.deepEqual(tlsOf("/#/zk/c"), { ...all, enabled: false });
  assert.deepEqual(tlsOf("/#/zk/d"), { ...all, disableValidation: true });
});

test("what TLS lacks is told where it is written", async () => {
  const told = async (text: string) =>
    (await errorsOf(sources + text)).map(({ line, column, message }) => `${line}:${column} ${message}`);
  assert.deepEqual(await told("routes: {a: {to: zk/a, tls: {}}}\n"), [
    "3:24 `tls` validates certificates and has no `commonName` to compare with",
  ]);
  assert.deepEqual(await told("tls: {name: a, cert: c.pem}\nroutes: {a: zk/a}\n"), ["3:6 `key` is missing"]);
  assert.deepEqual(await told("listen: {tls: {cert: c.pem, key: c.key, clientAuth: required}}\nroutes: {a: zk/a}\n"), [
    "3:41 `clientAuth` has no roots to go by",
  ]);
});
