/** A dtab in a ConfigMap: what of it is read, and what an API server may do beyond what the contract asks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plainAccess } from "../../../../namers/kubernetes/api-access.ts";
import { ConfigMapDtab } from "../../../../namers/kubernetes/config-map-dtab.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";

const named = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "mesh", name } });

async function scene() {
  const fake = await FakeKubernetes.start();
  const context = testContext();
  const open = () => plainAccess({ host: "127.0.0.1", port: fake.port }, context);
  const source = new ConfigMapDtab({ open, namespace: "mesh", name: "routes", filename: "out.dtab" }, context);
  const said: string[] = [];
  const following = source.follow({
    heard: ({ text }) => void said.push(text ?? "none"),
    failed: ({ message }) => void said.push(message),
  });
  return {
    fake,
    source,
    said,
    put: (data: object | undefined, name = "routes") => fake.put({ ...named(name), ...(data ? { data } : {}) }),
    hears: (text: string) => eventually(`${text} is heard`, () => said.at(-1) === text),
    async [Symbol.asyncDispose]() {
      following[Symbol.dispose]();
      await source[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

test("one ConfigMap is asked for by its name, and of it one key is read", async () => {
  await using each = await scene();
  await each.hears("none");
  assert.ok(each.fake.asked[0]?.includes("/api/v1/namespaces/mesh/configmaps?fieldSelector=metadata.name%3Droutes"));
  each.put({ "out.dtab": "/a => /1" });
  await each.hears("/a => /1");
  each.put({ "out.dtab": "/a => /other" }, "others");
  each.put({ "out.dtab": "/a => /2", other: "x" });
  await each.hears("/a => /2");
  assert.ok(!each.said.includes("/a => /other"));
});

test("a ConfigMap without the key, or without any, has no dtab", async () => {
  await using each = await scene();
  each.put({ "out.dtab": "/a => /1" });
  await each.hears("/a => /1");
  each.put({ other: "x" });
  await each.hears("none");
  each.put({ "out.dtab": "/a => /2" });
  await each.hears("/a => /2");
  each.put(undefined);
  await each.hears("none");
});

test("other keys that change are told of only as what they are", async () => {
  await using each = await scene();
  each.put({ "out.dtab": "/a => /1", other: "x" });
  await each.hears("/a => /1");
  each.put({ "out.dtab": "/a => /1", other: "y" });
  await quietFor(50);
  assert.deepEqual([...new Set(each.said.filter((text) => text !== "none"))], ["/a => /1"]);
});

test("a key that is no text is a failure until it is one", async () => {
  await using each = await scene();
  each.put({ "out.dtab": 7 });
  await eventually("it is told", () => each.said.at(-1)?.endsWith("its out.dtab is no text"));
  each.put({ "out.dtab": "/a => /1" });
  await each.hears("/a => /1");
});

test("a watch that ends or is told that its version is gone loses no change", async () => {
  await using each = await scene();
  each.put({ "out.dtab": "/a => /1" });
  await each.hears("/a => /1");
  each.fake.errWatches({ status: 410, reason: "Expired" });
  each.put({ "out.dtab": "/a => /2" });
  await each.hears("/a => /2");
  each.fake.cutWatches();
  each.put({ "out.dtab": "/a => /3" });
  await each.hears("/a => /3");
});

test("the second look is by an access of its own", async () => {
  await using each = await scene();
  each.put({ "out.dtab": "/a => /1" });
  await each.hears("/a => /1");
  const { signal } = new AbortController();
  const { text, revision } = await each.source.confirm(signal);
  assert.equal(text, "/a => /1");
  assert.match(revision ?? "", /^\d+$/);
  each.fake.remove(named("routes"));
  assert.deepEqual(await each.source.confirm(signal), { text: undefined });
});
