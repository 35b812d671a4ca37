import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { alternativesOf, BadTarget, elementOf, nameOf, placeOfTarget } from "../../../src/config/targets.ts";

const sources = [{ name: "zk", root: Path.read("/#/zk") }];

test("a target is a source and a service below it, or a literal address", () => {
  assert.equal(nameOf("zk/users", sources, "users").show, "/#/zk/users");
  assert.equal(nameOf("zk/a/b", sources, undefined).show, "/#/zk/a/b");
  assert.equal(nameOf("zk/*", sources, undefined).show, "/#/zk");
  assert.equal(nameOf("zk/*", sources, "users").show, "/#/zk/users");
  assert.equal(nameOf("10.0.0.1:80", sources, "users").show, "/$/inet/10.0.0.1/80");
  assert.equal(nameOf("db.local:5432", sources, "users").show, "/$/inet/db.local/5432");
});

test("a target that names nothing says what would", () => {
  for (const target of ["zk", "zk/", "zk//a", "kz/users", "users", "", "host:0", "host:70000", "zk/*/a"]) {
    assert.throws(() => nameOf(target, sources, "users"), BadTarget, target);
  }
});

test("a target that is written as a path or a URL is told as it would be right", () => {
  const meant = (target: string): string | undefined => {
    try {
      nameOf(target, sources, "users");
    } catch (error) {
      assert.ok(error instanceof BadTarget);
      return error.nearest;
    }
    return "nothing is wrong";
  };
  assert.equal(meant("/zk/users"), "zk/users");
  assert.equal(meant("/#/zk/users"), "zk/users");
  assert.equal(meant("http://10.0.0.1:80/x"), "10.0.0.1:80");
});

const shown = (target: string): string => nameOf(target, sources, "a").show;

test("weights of 0 alone are refused", () => {
  assert.throws(() => alternativesOf({ "zk/a": 0, "zk/b": 0 }, shown), BadTarget);
  assert.deepEqual(alternativesOf({ "zk/a": 0, "zk/b": 2.5 }, shown), ["0 * /#/zk/a & 2.50 * /#/zk/b"]);
});

test("a weight is written as it is, however small", () => {
  assert.deepEqual(alternativesOf({ "zk/a": 1e-9, "zk/b": 1 }, shown), ["0.000000001 * /#/zk/a & 1 * /#/zk/b"]);
});

test("a list may have weights in it, and is tried in order", () => {
  assert.deepEqual(alternativesOf(["zk/a", { "zk/b": 1, "zk/c": 3 }, "h:80"], shown), [
    "/#/zk/a",
    "1 * /#/zk/b & 3 * /#/zk/c",
    "/$/inet/h/80",
  ]);
});

test("the place of a target that names nothing is the target's own, however deep it is", () => {
  const placeIn = (to: Parameters<typeof placeOfTarget>[1], at = ["to"]) => {
    const { at: found, key } = placeOfTarget(new BadTarget("kz/a", "", ""), to, at);
    return [found, key];
  };
  assert.deepEqual(placeIn("kz/a"), [["to"], false]);
  assert.deepEqual(placeIn(["zk/a", "kz/a"]), [["to", 1], false]);
  assert.deepEqual(placeIn({ "kz/a": 1 }), [["to", "kz/a"], true]);
  assert.deepEqual(placeIn(["zk/a", { "zk/b": 1, "kz/a": 1 }]), [["to", 1, "kz/a"], true]);
});

test("a host with odd letters is escaped as a path is", () => {
  assert.equal(elementOf("a b"), "\\x61\\x20\\x62");
});

test("a target in Kubernetes is a namespace, a service and a port, or what stands for the usual port", () => {
  const k8s = [{ name: "k8s", root: Path.read("/#/k8s"), hasPorts: true }];
  assert.equal(nameOf("k8s/shop/orders:http", k8s, "users").show, "/#/k8s/shop/http/orders");
  assert.equal(nameOf("k8s/shop/orders:8080", k8s, "users").show, "/#/k8s/shop/8080/orders");
  assert.equal(nameOf("k8s/shop/orders", k8s, "users").show, "/#/k8s/shop/-/orders");
  assert.equal(nameOf("k8s/shop/orders", k8s, "users", "h2").show, "/#/k8s/shop/-grpc/orders");
  assert.equal(nameOf("k8s/shop/*", k8s, "users", "h2").show, "/#/k8s/shop/-grpc/users");
  assert.equal(nameOf("k8s/shop/*", k8s, undefined).show, "/#/k8s/shop/-");
  assert.equal(nameOf("k8s/shop/*:web", k8s, undefined).show, "/#/k8s/shop/web");
  for (const target of [
    "k8s",
    "k8s/orders",
    "k8s/shop/",
    "k8s/shop/a/b",
    "k8s/*/a",
    "k8s//a",
    "k8s/shop/a:",
    "k8s/shop/:b",
  ]) {
    assert.throws(() => nameOf(target, k8s, "users"), BadTarget, target);
  }
});
