import assert from "node:assert/strict";
import { test } from "node:test";
import plugins, { k8sNamespaceNamer } from "../../../../namers/kubernetes/index.ts";
import { Path } from "../../../../src/naming/path.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import { NAMESPACE, slice } from "../../../fakes/kubernetes-reflector.ts";

test("the three kinds of Linkerd are there, with its keys", () => {
  assert.deepEqual(
    plugins.filter(({ family }) => family === "namer").map(({ kind }) => kind),
    ["io.l5d.k8s", "io.l5d.k8s.ns", "io.l5d.k8s.external"],
  );
  const config = k8sNamespaceNamer.schema.parse({ host: "localhost", port: 8001, labelSelector: "version" });
  assert.equal(config.envVar, "POD_NAMESPACE");
});

test("the namespace of io.l5d.k8s.ns is said by the environment, and must be said", async () => {
  await using server = await FakeKubernetes.start();
  server.put(slice("a", "10.0.0.1"));
  const at = { host: "127.0.0.1", port: server.port, envVar: "LINKSPAN_TEST_NAMESPACE" };
  const config = k8sNamespaceNamer.schema.parse(at);
  await assert.rejects(
    async () => k8sNamespaceNamer.create(config, testContext()),
    /LINKSPAN_TEST_NAMESPACE.*is not set/,
  );
  const env = { LINKSPAN_TEST_NAMESPACE: NAMESPACE };
  await using namer = await k8sNamespaceNamer.create(config, testContext({ env }));
  using followed = new FollowedName(namer.lookup(Path.read("/http/users")));
  await eventually("bound", () => followed.keys?.join() === "10.0.0.1:8080");
});
