/** The keys that say how an API server is reached. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { accessFields, accessProblems, openAccess } from "../../../../namers/kubernetes/access-schema.ts";
import { s } from "../../../../src/config/schema.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

const schema = s.object(accessFields, { check: accessProblems });
const facts = { env: {}, home: "/home/ann", serviceAccountFolder: "/nonexistent" };

test("different ways to an API server contradict each other", () => {
  schema.parse({});
  schema.parse({ host: "a", port: 1 });
  schema.parse({ kubeconfig: "a", context: "b" });
  const message = "`host` and `kubeconfig` are different ways to an API server; only one can be gone";
  assert.throws(() => schema.parse({ port: 1, context: "b" }), { message });
  assert.throws(() => schema.parse({ inCluster: true, kubeconfig: "a" }), /`kubeconfig` and `inCluster` are/);
});

test("plain HTTP to this host is what Linkerd 1 did, and is the default", async () => {
  const shown = async (config: object): Promise<string> => {
    const open = await openAccess(schema.parse(config), testContext(), facts);
    await using access = open();
    return access.shown;
  };
  assert.equal(await shown({}), "http://localhost:8001");
  assert.equal(await shown({ host: "::1", port: 81 }), "http://[::1]:81");
});

test("kubeconfigs are found as kubectl finds them", async () => {
  using folder = tempFolder({
    one: '{"contexts": [{"name": "a", "context": {"cluster": "c"}}]}',
    two: '{"clusters": [{"name": "c", "cluster": {"server": "https://api.test"}}]}',
  });
  const { path } = folder;
  const shown = async (config: object, env = {}): Promise<string> => {
    const host = { env, home: path, serviceAccountFolder: path };
    const open = await openAccess(schema.parse(config), testContext({ baseDir: path }), host);
    await using access = open();
    return access.shown;
  };
  const place = "https://api.test:443";
  assert.equal(await shown({ kubeconfig: "one:two:missing", context: "a" }), place);
  assert.equal(await shown({ kubeconfig: "~/one:~/two", context: "a" }), place);
  assert.equal(await shown({ context: "a" }, { KUBECONFIG: `${path}/one:${path}/two` }), place);
  assert.equal(await shown({ context: "a" }), `context a of ${path}/.kube/config`);
  assert.equal(await shown({ kubeconfig: "one" }), `${path}/one`);
});
