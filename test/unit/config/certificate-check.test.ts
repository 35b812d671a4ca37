/** Tests of what is found in the files of certificates before a configuration is run. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { CertificateCheck } from "../../../src/config/certificate-check.ts";
import { ConfigError, type ConfigProblem } from "../../../src/config/config-error.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { authority } from "../../servers/certificates.ts";
import { testPlugins } from "./test-plugins.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
ca.issue("web", { commonName: "web.example" });
ca.issue("other", { commonName: "other.example" });
ca.issue("late", { commonName: "late.example", from: "20200101000000Z", to: "20200201000000Z" });

async function problemsOf(text: string, check?: Partial<CertificateCheck>): Promise<readonly ConfigProblem[]> {
  const certificates = { now: Date.now(), expired: "error" as const, ...check };
  const options = { file: "linkspan.yaml", baseDir: ca.folder.path, builtins: testPlugins };
  try {
    return (await parseConfig(text, check ? { ...options, certificates } : options)).warnings;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const shown = ({ line, column, severity, message }: ConfigProblem): string =>
  `${line}:${column} ${severity} ${message}`;

const text = `
admin: {tls: {certPath: web.crt, keyPath: away.key}}
routers:
- protocol: http
  servers:
  - port: 4140
    tls: {certPath: web.crt, keyPath: other.key, caCertPath: absent.crt}
  - port: 4141
    tls:
      certificates:
      - {certPath: web.crt, keyPath: web.key}
      - {certPath: late.crt, keyPath: late.key}
  client:
    kind: io.l5d.static
    configs:
    - prefix: /
      tls: {commonName: a, trustCertsBundle: web.key, clientAuth: {certPath: other.crt, keyPath: gone.key}}
    - prefix: /a
      tls: {enabled: false, commonName: a, trustCertsBundle: nowhere}
`;

test("each file that cannot be used is named at its key", async () => {
  assert.deepEqual((await problemsOf(text, {})).map(shown), [
    "2:43 error cannot read away.key: there is no such file",
    "7:39 error the key in other.key does not belong to the certificate in web.crt",
    "7:62 error cannot read absent.crt: there is no such file",
    "12:20 error the certificate in late.crt expired on 2020-02-01",
    "17:46 error web.key holds no certificate (a PEM block that begins with BEGIN CERTIFICATE)",
    "17:98 error cannot read gone.key: there is no such file",
  ]);
});

test("an expired certificate may be a warning", async () => {
  const config = `routers: [{protocol: http, servers: [{port: 1, tls: {certPath: late.crt, keyPath: late.key}}]}]`;
  assert.deepEqual((await problemsOf(config, { expired: "warning" })).map(shown), [
    "1:64 warning the certificate in late.crt expired on 2020-02-01",
  ]);
  assert.deepEqual(await problemsOf(config, { now: Date.UTC(2020, 0, 15) }), []);
});

test("the files are not looked into unless it is asked for", async () => {
  assert.deepEqual(await problemsOf(text), []);
});

test("in the short form the place is that of its own keys", async () => {
  const config = `
sources: {files: {files: .}}
routes: {"*": files/*}
listen:
  http: 4140
  tls: {cert: web.crt, key: other.key}
`;
  assert.deepEqual((await problemsOf(config, {})).map(shown), [
    "6:29 error the key in other.key does not belong to the certificate in web.crt",
  ]);
});
