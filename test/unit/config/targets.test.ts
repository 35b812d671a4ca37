import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../../src/naming/path.ts";
import { BadTarget, elementOf, nameOf, treeOf } from "../../../src/config/targets.ts";

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

test("weights of 0 alone are refused", () => {
  const name = (target: string) => nameOf(target, sources, "a");
  assert.throws(() => treeOf({ "zk/a": 0, "zk/b": 0 }, name), BadTarget);
  assert.equal(treeOf({ "zk/a": 0, "zk/b": 2.5 }, name), "0 * /#/zk/a & 2.5 * /#/zk/b");
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
