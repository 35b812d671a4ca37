import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../../../../src/http/exchange.ts";
import type { Identifier } from "../../../../src/router/identifier.ts";
import port from "../../../../src/plugins/identifiers/port.ts";
import sni from "../../../../src/plugins/identifiers/sni.ts";
import { testContext } from "../../../../src/testing/index.ts";
import { plainExchange } from "../../../fakes/plain-exchange.ts";

async function nameOf(plugin: typeof port, target: string): Promise<string> {
  const identifier: Identifier = await plugin.create({}, testContext());
  const x = plainExchange(new Layout(), "CONNECT", target);
  return identifier.key(x) === undefined ? identifier.reason : identifier.path(x).show;
}

test("a connection is named by its port, whatever its hello says", async () => {
  assert.equal(await nameOf(port, ":3306"), "/svc/3306");
  assert.equal(await nameOf(port, "shop.example:8443"), "/svc/8443");
});

test("a connection is named by the name in its hello, or not at all", async () => {
  assert.equal(await nameOf(sni, "shop.example:8443"), "/svc/shop.example");
  assert.equal(await nameOf(sni, ":8443"), "The TLS hello names no server");
});
