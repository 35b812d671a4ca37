import assert from "node:assert/strict";
import { test } from "node:test";
import { pathsOf, serviceAt } from "../../../../namers/consul/service-path.ts";
import { Path } from "../../../../src/naming/path.ts";

const plain = { includeTag: false, tagAfterHash: false };
const tagged = { includeTag: true, tagAfterHash: false };
const hashed = { includeTag: false, tagAfterHash: true };

test("a path names a datacenter and a service, whose letters are asked for small while its id keeps them", () => {
  const found = serviceAt(Path.read("/DC1/Users/v1/x"), plain);
  assert.deepEqual(found?.name, { dc: "DC1", service: "users", tag: undefined });
  assert.equal(found?.id.show, "/DC1/Users");
  assert.equal(found?.residual.show, "/v1/x");
});

test("with includeTag the tag stands before the service", () => {
  const found = serviceAt(Path.read("/dc1/Master/Users/v1"), tagged);
  assert.deepEqual(found?.name, { dc: "dc1", service: "users", tag: "master" });
  assert.equal(found?.residual.show, "/v1");
});

test("with tagAfterHash a tag may stand behind the service", () => {
  assert.deepEqual(serviceAt(Path.of("dc1", "users#canary"), hashed)?.name, {
    dc: "dc1",
    service: "users",
    tag: "canary",
  });
  assert.equal(serviceAt(Path.of("dc1", "users"), hashed)?.name.tag, undefined);
  assert.equal(serviceAt(Path.of("dc1", "users#"), hashed), undefined);
  assert.equal(serviceAt(Path.of("dc1", "users#canary"), plain)?.name.service, "users#canary");
});

test("a path that is too short, or that could lead elsewhere, names nothing", () => {
  for (const path of [
    Path.empty,
    Path.of("dc1"),
    Path.of("dc1", ".."),
    Path.of("..", "users"),
    Path.of("dc1", "a/b"),
  ]) {
    assert.equal(serviceAt(path, plain), undefined);
  }
  assert.equal(serviceAt(Path.of("dc1", "tag"), tagged), undefined);
});

test("a service is listed under its datacenter, and with includeTag under each of its tags", () => {
  assert.deepEqual(
    pathsOf("dc1", "users", ["a", "b"], plain).map((each) => each.show),
    ["/dc1/users"],
  );
  assert.deepEqual(
    pathsOf("dc1", "users", ["a", "b"], tagged).map((each) => each.show),
    ["/dc1/a/users", "/dc1/b/users"],
  );
});
