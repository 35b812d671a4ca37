import assert from "node:assert/strict";
import { test } from "node:test";
import { readCuratorInstance } from "../../../../namers/zookeeper/curator-instance.ts";
import { placeOfUri } from "../../../../namers/zookeeper/curator-uri.ts";

const fixed = (value: string) => ({ value, variable: false });
const variable = (value: string) => ({ value, variable: true });

const cases: readonly (readonly [string, unknown, object])[] = [
  [
    "parts with a port of their own",
    { parts: [fixed("http://"), variable("address"), fixed(":8080/api")] },
    { host: "10.0.0.1", port: 8080 },
  ],
  ["a text with variables in braces", "http://{address}:9090", { host: "10.0.0.1", port: 9090 }],
  [
    "a scheme whose port is known",
    { parts: [fixed("http://"), variable("address"), fixed("/")] },
    { host: "10.0.0.1", port: 80 },
  ],
  ["a scheme with TLS", "https://{address}", { host: "10.0.0.1", tlsPort: 443 }],
  ["a scheme with TLS and a port", "https://{address}:8443/x", { host: "10.0.0.1", tlsPort: 8443 }],
  ["another scheme with a port", "thrift://{address}:9000", { host: "10.0.0.1", port: 9000 }],
  ["the port of an instance that has none", "{scheme}://{address}:{port}/x", { host: "10.0.0.1" }],
  ["a variable that nobody knows", "http://{nobody}{address}:1", { host: "10.0.0.1", port: 1 }],
  ["another scheme without a port", "thrift://{address}", { host: "10.0.0.1" }],
  ["no URI", "{name}", {}],
  ["nothing", null, {}],
  ["an empty template", {}, {}],
  ["parts that are none", { parts: [1, null, { value: 2 }] }, {}],
];
for (const [what, spec, place] of cases) {
  test(`${what}: a URI template says where an instance is as far as it does`, () => {
    assert.deepEqual(placeOfUri(spec, { scheme: "http", name: "users", address: "10.0.0.1", port: "" }), place);
  });
}

const read = (fields: object) => readCuratorInstance(JSON.stringify({ id: "x", ...fields }), "node");

test("a URI template says the port, and the host, of an instance that has no field for them", () => {
  const { host, port } = read({ address: "10.0.0.1", uriSpec: "http://{address}:8080" });
  assert.deepEqual([host, port], ["10.0.0.1", 8080]);
  const other = read({ uriSpec: { parts: [fixed("https://[fd00::1]:8443/")] } });
  assert.deepEqual([other.host, other.port, other.tlsPort], ["fd00::1", undefined, 8443]);
});

test("what an instance's own fields say counts more than its URI template", () => {
  const { host, port } = read({ address: "fd00::2%eth0", port: 80, uriSpec: "http://other:8080" });
  assert.deepEqual([host, port], ["fd00::2", 80]);
});
