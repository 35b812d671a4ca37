import assert from "node:assert/strict";
import { test } from "node:test";
import { InClusterSource } from "../../../../namers/kubernetes/access-in-cluster.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

const never = new AbortController().signal;

function sourceWith(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>) {
  const folder = tempFolder(files);
  const clock = new FakeClock();
  const host = { env, home: "/nowhere", serviceAccountFolder: folder.path };
  const source = new InClusterSource(host, { clock, log: new RecordingLog() });
  return { source, folder, clock, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };

test("a pod's API server is where its variables say, and who asks, and whom to trust, what its files say", async () => {
  using site = sourceWith({ token: "abc\n", "ca.crt": "PEM", namespace: "shop\n" }, env);
  const { cluster, credentials, namespace } = await site.source.current();
  assert.deepEqual([cluster.host, cluster.port, cluster.isSecure, namespace], ["10.96.0.1", 443, true, "shop"]);
  assert.equal(await cluster.ca?.(), "PEM");
  assert.equal((await credentials.current(never)).authorization?.reveal(), "Bearer abc");
  assert.equal(site.source.shown, "https://10.96.0.1:443");
});

test("an address of IPv6 is shown in brackets", () => {
  using site = sourceWith({}, { ...env, KUBERNETES_SERVICE_HOST: "fd00::1" });
  assert.equal(site.source.shown, "https://[fd00::1]:443");
});

test("outside of a pod, and with a port that is none, it says which variables are missing", async () => {
  for (const wrong of [{}, { ...env, KUBERNETES_SERVICE_PORT: "none" }, { ...env, KUBERNETES_SERVICE_HOST: "" }]) {
    using site = sourceWith({}, wrong);
    await assert.rejects(site.source.current(), /no pod of Kubernetes.*KUBERNETES_SERVICE_HOST/);
    assert.equal(site.source.shown, "the API server of this pod's cluster");
  }
});

test("an account without a namespace has none, and one whose token cannot be read says so when it is asked for", async () => {
  using site = sourceWith({ "ca.crt": "PEM", namespace: " \n" }, env);
  const { namespace, credentials } = await site.source.current();
  assert.equal(namespace, undefined);
  await assert.rejects(credentials.current(never), /token/);
});
