import assert from "node:assert/strict";
import { test } from "node:test";
import { readApplication, readNames } from "../src/application.ts";

const up = {
  instanceId: "i-1",
  hostName: "users-1.local",
  ipAddr: "10.0.0.1",
  status: "UP",
  port: { $: 8080, "@enabled": "true" },
  securePort: { $: 8443, "@enabled": "false" },
};
const read = (instance: unknown, secure = false) =>
  readApplication({ application: { name: "USERS", instance } }, secure);

test("an instance that is up is called at its port; one instance may come without a list", () => {
  for (const instance of [up, [up]]) {
    assert.deepEqual(
      [...(read(instance).members?.values() ?? [])].map(({ address }) => address),
      [{ host: "10.0.0.1", port: 8080, weight: 1 }],
    );
  }
});

test("the secure port is called where that is wanted and it is enabled", () => {
  const port = (enabled: string) =>
    [...(read({ ...up, securePort: { $: 8443, "@enabled": enabled } }, true).members?.values() ?? [])][0]?.address.port;
  assert.deepEqual([port("true"), port("false")], [8443, 8080]);
});

test("every other status is a sign", () => {
  for (const status of ["DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"]) {
    const reading = read({ ...up, status });
    assert.deepEqual([reading.members?.size, [...(reading.signs ?? [])]], [0, ["i-1"]]);
  }
});

test("what cannot be read is refused alone, and what is no answer is an error", () => {
  const { members, refused } = read([up, { instanceId: "x" }, 7, null]);
  assert.deepEqual([[...(members?.keys() ?? [])], [...(refused?.keys() ?? [])]], [["i-1"], ["x", "#2", "#3"]]);
  assert.throws(() => readApplication([], false), /no application/);
  assert.throws(() => readNames({}), /no applications/);
  assert.deepEqual(readNames({ applications: { application: { name: "USERS" } } }), ["users"]);
});
