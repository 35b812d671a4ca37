/** Tests of `tls` of servers and clients. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientConfig, ruleFor, settingsFor } from "../../../src/config/config.ts";
import { clientAuthOf, pairsOf, trustOf } from "../../../src/config/tls-schema.ts";
import { Path } from "../../../src/naming/path.ts";
import { errorsOf, read } from "./read.ts";

const server = (tls: string): string => `routers: [{protocol: http, dtab: "", servers: [{port: 4140, tls: ${tls}}]}]`;
const client = (settings: string): string =>
  `routers: [{protocol: http, dtab: "", servers: [{port: 4140}], client: ${settings}}]`;
const messages = async (text: string): Promise<readonly string[]> =>
  (await errorsOf(text)).map(({ message }) => message);

describe("tls of a server", () => {
  it("has Linkerd's keys, more certificates, and says who must show one", async () => {
    const tls = async (text: string) => {
      const config = await read(server(text));
      const [found] = config.routers[0]?.servers ?? [];
      assert.ok(found?.tls);
      return found.tls;
    };
    const pair = "certPath: a.crt, keyPath: a.key";
    const whole = await tls(
      `{${pair}, intermediateCertsPath: m.crt, certificates: [{certPath: b.crt, keyPath: b.key}]}`,
    );
    assert.deepEqual(pairsOf(whole), [
      { certPath: "a.crt", keyPath: "a.key", intermediateCertsPath: "m.crt" },
      { certPath: "b.crt", keyPath: "b.key" },
    ]);
    assert.deepEqual(pairsOf(await tls("{certificates: [{certPath: b.crt, keyPath: b.key}]}")), [
      { certPath: "b.crt", keyPath: "b.key" },
    ]);
    const cases: readonly (readonly [string, string])[] = [
      [`{${pair}}`, "none"],
      [`{${pair}, caCertPath: ca.crt}`, "optional"],
      [`{${pair}, caCertPath: ca.crt, requireClientAuth: true}`, "required"],
      [`{${pair}, requireClientAuth: true}`, "required"],
      [`{${pair}, clientAuth: required}`, "required"],
    ];
    for (const [text, auth] of cases) assert.equal(clientAuthOf(await tls(text)), auth, text);
    const narrow = await tls(`{${pair}, protocols: [TLSv1.3], ciphers: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]}`);
    assert.deepEqual([narrow.protocols, narrow.ciphers], [["TLSv1.3"], ["ECDHE-RSA-AES128-GCM-SHA256"]]);
  });

  it("is refused where it contradicts itself, lacks a file or speaks of old versions", async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["{}", /^a TLS server needs a certificate$/],
      ["{certPath: a}", /^`keyPath` is missing$/],
      ["{keyPath: a}", /^`certPath` is missing$/],
      ["{certificates: [{certPath: a, keyPath: b}], intermediateCertsPath: c}", /stands without a `certPath`/],
      ["{certPath: a, keyPath: b, clientAuth: optional, requireClientAuth: true}", /contradicts/],
      ["{certPath: a, keyPath: b, clientAuth: none, caCertPath: c}", /no use with `clientAuth: none`/],
      ["{certPath: a, keyPath: b, protocols: [TLSv1.1]}", /^TLSv1\.1 is broken and not served/],
      ["{certPath: a, keyPath: b, ciphers: [RC4]}", /is no cipher suite that is known here/],
    ];
    for (const [tls, message] of cases) {
      const found = await messages(server(tls));
      assert.equal(found.length, 1, tls);
      assert.match(found[0] ?? "", message);
    }
  });
});

describe("tls of a client", () => {
  it("is refused where it cannot validate, or would show a certificate to anybody", async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["{}", /has no `commonName` to compare with/],
      ["{commonName: a, trustCerts: [b], trustCertsBundle: c}", /cannot stand beside `trustCertsBundle`/],
      ["{disableValidation: true, clientAuth: {certPath: a, keyPath: b}}", /shown to anybody/],
      ["{commonName: a, clientAuth: {certPath: a}}", /`keyPath` is missing/],
      ["{kind: io.l5d.boundPath, commonName: a}", /`kind` is gone/],
      ["{commonName: a, caCertPath: b}", /now `trustCertsBundle`/],
      ['{commonName: "{service}.example"}', /says \{service\}, which no `prefix` captures/],
    ];
    for (const [tls, message] of cases) {
      const found = await messages(client(`{tls: ${tls}}`));
      assert.equal(found.length, 1, tls);
      assert.match(found[0] ?? "", message);
    }
    assert.deepEqual(await messages(client("{tls: {enabled: false}}")), []);
    const rule = '{prefix: "/#/fs/{name}", tls: {commonName: "{service}"}}';
    assert.match(
      (await messages(client(`{kind: io.l5d.static, configs: [${rule}]}`)))[0] ?? "",
      /\/#\/fs\/\{name\} does not capture/,
    );
  });

  it("is that of the last rule that has one, with the captures of its prefix", async () => {
    const rules = [
      '{prefix: "/#/fs/{service}", tls: {commonName: "{service}.example", trustCerts: [a, b]}}',
      '{prefix: "/#/fs/{a}-{b}", tls: {commonName: "{b}.{a}.{b}", trustCertsBundle: c}}',
      "{prefix: /#/fs/plain, tls: {enabled: false}}",
      "{prefix: /, connectTimeoutMs: 5}",
    ];
    const { routers } = await read(client(`{kind: io.l5d.static, configs: [${rules.join(", ")}]}`));
    const settings = routers[0]?.client;
    assert.ok(settings);
    const nameOf = (id: string): string | undefined => {
      const path = Path.read(id);
      const { tls }: ClientConfig = settingsFor(settings, path);
      return tls?.commonName && ruleFor(settings, "tls", path)?.prefix.fill(tls.commonName, path);
    };
    assert.equal(nameOf("/#/fs/users"), "users.example");
    assert.equal(nameOf("/#/fs/users-v2/more"), "v2.users.v2");
    assert.equal(nameOf("/#/fs/plain"), undefined);
    assert.equal(nameOf("/#/other"), undefined);
    const trust = (id: string): readonly string[] => trustOf(settingsFor(settings, Path.read(id)).tls ?? assert.fail());
    assert.deepEqual([trust("/#/fs/users"), trust("/#/fs/a-b")], [["a", "b"], ["c"]]);
  });
});
