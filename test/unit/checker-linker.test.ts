import assert from "node:assert/strict";
import { test } from "node:test";
import { Scope } from "../../src/base/scope.ts";
import { builtins } from "../../src/builtins.ts";
import { type CheckerTls, openChecker } from "../../src/checker-linker.ts";
import { type RouterConfig, settingsFor } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/load.ts";
import { Path } from "../../src/naming/path.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { authority } from "../servers/certificates.ts";

/** A router whose clusters are checked over TLS. */
async function checked() {
  const ca = authority();
  const text = `
routers:
- protocol: http
  servers: [{port: 0}]
  client: {tls: {commonName: web, trustCerts: [${ca.caPath}]}, healthCheck: {kind: tcp}}
`;
  const config = await parseConfig(text, { file: "linkspan.yaml", baseDir: "/", builtins });
  const router = config.routers[0] as RouterConfig;
  const tls = new Map<RouterConfig, CheckerTls>();
  const open = (name: string): Scope => {
    const owner = new Scope();
    const id = Path.read(`/#/fs/${name}`);
    const parts = { world: testContext({}), bug: () => assert.fail(), baseDir: "/", tls };
    openChecker(id, router, settingsFor(router.client, id), parts, owner);
    return owner;
  };
  return { tls, router, open, [Symbol.dispose]: () => ca[Symbol.dispose]() };
}

test("the checkers of a router's clusters share what they read of certificates, and the last one closes it", async () => {
  using site = await checked();
  const owners = [site.open("a"), site.open("b"), site.open("c")];
  const shared = site.tls.get(site.router);
  assert.equal(shared?.users, 3);
  await owners[0]?.close();
  await owners[1]?.close();
  assert.equal(site.tls.get(site.router), shared);
  await owners[2]?.close();
  assert.equal(site.tls.size, 0);
  assert.ok(shared?.scope.signal.aborted);
  const anew = site.open("a");
  assert.notEqual(site.tls.get(site.router), shared);
  await anew.close();
});
