/** The JSON Schema with its repeated parts under `$defs`: as strict as the one that spells them out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonSchema } from "../../../scripts/json-schema.ts";
import { shareDefinitions } from "../../../scripts/share-definitions.ts";
import { builtins } from "../../../src/builtins.ts";
import { linkerdSchema } from "../../../src/config/linkerd.ts";
import { Registry } from "../../../src/config/registry.ts";

const whole: JsonSchema = linkerdSchema(new Registry(builtins)).json;
const shared = shareDefinitions(whole);
const text = JSON.stringify(shared);

test("every reference has its definition, and every definition is referred to more than once", () => {
  const referred = [...text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name ?? "");
  const names = Object.keys(shared.$defs ?? {});
  assert.deepEqual([...new Set(referred)].sort(), names);
  for (const name of names) assert.ok(referred.filter((each) => each === name).length > 1, name);
  assert.ok(text.length * 3 < JSON.stringify(whole).length);
});

test("with and without definitions the same documents are accepted", () => {
  const options = { strict: true, strictTypes: false } as const;
  const plain = new Ajv2020(options).compile(whole);
  const short = new Ajv2020(options).compile(shared);
  const router = { protocol: "http", servers: [{ port: 4140 }] };
  const documents = [
    { isGood: true, document: { routers: [router] } },
    { isGood: true, document: { routers: [{ ...router, client: { loadBalancer: { kind: "ewma" } } }] } },
    { isGood: false, document: { routers: [{ ...router, client: { loadBalancer: { kind: "emwa" } } }] } },
    { isGood: false, document: { routers: [{ ...router, interpreter: { kind: "default", transformer: [] } }] } },
    { isGood: false, document: { routers: [router], namers: [{ kind: "io.l5d.fs", rootDir: 7 }] } },
  ];
  for (const { isGood, document } of documents) {
    assert.equal(plain(document), isGood, JSON.stringify(document));
    assert.equal(short(document), isGood, JSON.stringify(document));
  }
});

test("what a use says of itself stays with it, and equal names are told apart by where they stand", () => {
  const choices = (seed: string) => Array.from({ length: 20 }, (_, index) => `${seed}-choice-number-${index}`);
  const part = (seed: string, description: string) => ({ enum: choices(seed), description });
  const { properties, $defs } = shareDefinitions({
    properties: {
      client: { properties: { tls: part("a", "One."), other: part("a", "Two.") } },
      server: { properties: { tls: part("b", "Three."), other: part("b", "Four.") } },
    },
  });
  assert.deepEqual(Object.keys($defs ?? {}), ["client.tls", "server.tls"]);
  assert.deepEqual(properties?.["client"]?.properties?.["other"], {
    $ref: "#/$defs/client.tls",
    description: "Two.",
  });
});
