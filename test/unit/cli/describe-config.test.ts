import assert from "node:assert/strict";
import { test } from "node:test";
import { builtins } from "../../../src/builtins.ts";
import { definePlugin } from "../../../src/config/plugin.ts";
import { s } from "../../../src/config/schema.ts";
import { cli } from "./fake-terminal.ts";
import { testPlugins } from "../config/test-plugins.ts";

const vault = definePlugin({
  api: 1,
  family: "namer",
  kind: "com.acme.vault",
  schema: s.object({ token: s.secret() }),
  create() {
    throw new Error("not made in this test");
  },
});

test("a resolved configuration shows defaults, plugins by kind, and no secret", async () => {
  const input =
    "routers:\n- protocol: http\n  servers: [{port: 4140}]\nnamers:\n- {kind: com.acme.vault, token: hunter2}\n";
  const { out } = await cli(["check", "--json", "-"], { builtins: [...testPlugins, vault] }, { input });
  assert.ok(!out.includes("hunter2"));
  const { config } = JSON.parse(out) as {
    config: { namers: unknown; routers: { client: { loadBalancer: unknown } }[] };
  };
  assert.deepEqual(config.namers, [
    { prefix: "/com.acme.vault", whenUnreachable: "fail", kind: "com.acme.vault", token: "***" },
  ]);
  assert.deepEqual(config.routers[0]?.client.loadBalancer, { kind: "p2c", maxEffort: 5 });
});

test("so does one with the tokens and passwords of the registries in the box", async () => {
  const input = `
namers:
- {kind: io.l5d.consul, token: hunter2}
- {kind: linkspan.nomad, token: hunter2}
- {kind: io.l5d.curator, zkAddrs: "127.0.0.1:2181", auth: [{user: web, password: hunter2}]}
routers:
- {protocol: http, interpreter: {kind: io.l5d.consul.interpreter, token: hunter2}, servers: [{port: 4140}]}
`;
  const { out, code } = await cli(["check", "--json", "-"], { builtins }, { input });
  assert.equal(code, 0, out);
  assert.ok(out.includes("***") && !out.includes("hunter2"));
});
