/** What kubeconfig files say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseYaml } from "../../../../src/config/parse-yaml.ts";
import {
  entryOf,
  type Kubeconfig,
  mergedKubeconfig,
  readKubeconfig,
} from "../../../../namers/kubernetes/kubeconfig.ts";

const read = async (text: string, file = "/home/ann/.kube/config"): Promise<Kubeconfig> =>
  readKubeconfig(file, await parseYaml(file, text));

const USUAL = `
apiVersion: v1
kind: Config
preferences: {}
current-context: east
contexts:
- {name: east, context: {cluster: east, user: ann, namespace: shop}}
- {name: west, context: {cluster: west}}
clusters:
- name: east
  cluster:
    server: https://api.east.test:6443/prefix/
    certificate-authority: pki/ca.crt
    tls-server-name: api
    proxy-url: http://proxy.test:3128
    extensions:
    - {name: client.authentication.k8s.io/exec, extension: {audience: here}}
    - {name: minikube, extension: {version: v1}}
- name: west
  cluster: {server: 'https://api.west.test', certificate-authority-data: UEVN, insecure-skip-tls-verify: false, other: [1]}
users:
- name: ann
  user:
    client-certificate-data: Q0VSVA==
    client-key: ann.key
    token: 0123
- name: ben
  user: {tokenFile: /run/token}
- name: cid
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: bin/login
      args: [--quiet, 7]
      env: [{name: LEVEL, value: low}]
      installHint: ask us
      interactiveMode: IfAvailable
      provideClusterInfo: true
- {name: dan, user: {username: dan, password: secret}}
`;

test("contexts, clusters and users are read by their names, with relative paths from the file's folder", async () => {
  const { current, contexts, clusters, users } = await read(USUAL);
  assert.equal(current, "east");
  assert.deepEqual(entryOf(contexts, "east", "context"), { cluster: "east", user: "ann", namespace: "shop" });
  assert.deepEqual(entryOf(contexts, "west", "context"), { cluster: "west", user: "", namespace: undefined });
  assert.deepEqual(entryOf(clusters, "east", "cluster"), {
    server: "https://api.east.test:6443/prefix/",
    ca: { file: "/home/ann/.kube/pki/ca.crt" },
    serverName: "api",
    disableValidation: false,
    proxyUrl: "http://proxy.test:3128",
    execConfig: { audience: "here" },
  });
  assert.deepEqual(entryOf(clusters, "west", "cluster").ca, { text: "PEM" });
  const ann = entryOf(users, "ann", "user");
  assert.equal(ann.token?.reveal(), "0123");
  assert.deepEqual(ann.certificate, { cert: { text: "CERT" }, key: { file: "/home/ann/.kube/ann.key" } });
  assert.equal(entryOf(users, "ben", "user").tokenFile, "/run/token");
  assert.equal(entryOf(users, "dan", "user").login?.password.reveal(), "secret");
});

test("an exec plugin is read, with its command from the file's folder where it has a slash", async () => {
  const { users } = await read(USUAL);
  const { exec } = entryOf(users, "cid", "user");
  assert.equal(exec?.command, "/home/ann/.kube/bin/login");
  assert.deepEqual(exec.args, ["--quiet", "7"]);
  assert.equal(exec.env["LEVEL"]?.reveal(), "low");
  assert.equal(exec.installHint, "ask us");
  assert.equal(exec.providesClusterInfo, true);
});

test("of several files the first that has a name has its way", async () => {
  const first = await read("contexts: [{name: a, context: {cluster: one}}]");
  const second = await read(
    "current-context: a\ncontexts: [{name: a, context: {cluster: two}}, {name: b, context: {cluster: b}}]",
  );
  const { current, contexts } = mergedKubeconfig([first, second]);
  assert.equal(current, "a");
  assert.equal(entryOf(contexts, "a", "context").cluster, "one");
  assert.equal(entryOf(contexts, "b", "context").cluster, "b");
});

test("a name that is not there is answered with the nearest, or with all", async () => {
  const { contexts, users } = await read(USUAL);
  assert.throws(() => entryOf(contexts, "esat", "context"), { message: "there is no context esat; perhaps east" });
  const message = "there is no user somebody; there are ann, ben, cid, dan";
  assert.throws(() => entryOf(users, "somebody", "user"), { message });
  const none = await read("{}");
  assert.throws(() => entryOf(none.users, "ann", "user"), { message: "there is no user ann; there is none at all" });
});

const wrong: readonly (readonly [name: string, user: string, message: RegExp])[] = [
  ["a token that is a list", "{token: [1]}", /^`users\[0\]\.user\.token` is not a text$/],
  ["a certificate without a key", "{client-certificate: a}", /^`client-certificate` is there without `client-key`$/],
  ["a key without a certificate", "{client-key: a}", /^`client-key` is there without `client-certificate`$/],
  ["impersonation", "{token: a, as: ben}", /^to impersonate somebody is not supported$/],
  ["an auth provider", "{auth-provider: {name: gcp}}", /use `exec`$/],
  ["an exec plugin without a command", "{exec: {apiVersion: v1}}", /^`users\[0\]\.user\.exec\.command` is missing$/],
  [
    "an exec plugin that asks people",
    "{exec: {apiVersion: v1, command: a, interactiveMode: Always}}",
    /wants a terminal/,
  ],
  ["an environment that is no list", "{exec: {apiVersion: v1, command: a, env: {A: b}}}", /exec\.env` is not a list$/],
  ["a flag that is a text", "{exec: {apiVersion: v1, command: a, provideClusterInfo: 'yes'}}", /is not true or false$/],
];
for (const [name, user, message] of wrong) {
  test(`${name} is refused, when that user is used`, async () => {
    const { users } = await read(`users: [{name: ann, user: ${user}}, {name: ben, user: {token: t}}]`);
    assert.throws(() => entryOf(users, "ann", "user"), { message });
    assert.equal(entryOf(users, "ben", "user").token?.reveal(), "t");
  });
}

test("what is no kubeconfig is refused", async () => {
  await assert.rejects(read("- a"), { message: "it is no kubeconfig: it holds no mapping" });
  await assert.rejects(read("contexts: [a]"), { message: "`contexts[0]` is not a mapping" });
  await assert.rejects(read("contexts: [{context: {}}]"), { message: "`contexts[0].name` is missing" });
});
