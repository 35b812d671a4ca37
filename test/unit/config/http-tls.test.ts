import assert from "node:assert/strict";
import { test } from "node:test";
import { httpTlsOf } from "../../../src/config/http-tls.ts";
import { clientTls } from "../../../src/config/tls-schema.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

const read = (value: object) => clientTls.take(value, [], { problems: [], source: {} });

test("a registry is called in plain text without tls, and where it is not enabled", () => {
  assert.deepEqual(httpTlsOf(undefined, "/"), {});
  assert.deepEqual(httpTlsOf(read({ enabled: false }), "/"), {});
});

test("the files are read at each connection, and a missing one is named", async () => {
  using folder = tempFolder({ "ca.pem": "CA 1", "cert.pem": "CERT", "more.pem": "MORE", "key.pem": "KEY" });
  const clientAuth = { certPath: "cert.pem", keyPath: "key.pem", intermediateCertsPath: "more.pem" };
  const config = read({ commonName: "nomad.example", trustCertsBundle: "ca.pem", clientAuth });
  const { tls } = httpTlsOf(config, folder.path);
  const texts = async () => {
    const { ca, cert, key, serverName } = (await tls?.()) ?? {};
    return [String(ca), String(cert), String(key), serverName];
  };
  assert.deepEqual(await texts(), ["CA 1", "CERTMORE", "KEY", "nomad.example"]);
  folder.write("ca.pem", "CA 2");
  assert.equal((await texts())[0], "CA 2");
  const missing = httpTlsOf(read({ commonName: "a", trustCertsBundle: "none.pem" }), folder.path);
  await assert.rejects(async () => missing.tls?.(), /none\.pem cannot be read: ENOENT/);
});
