/** When the command of an exec plugin runs: once for all who wait, again when what it gave has run out or is refused. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ExecCredentials } from "../../../../namers/kubernetes/exec-credentials.ts";
import type { KubeCluster, KubeExec } from "../../../../namers/kubernetes/kubeconfig.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { type TempFolder, tempFolder } from "../../../e2e/temp-folder.ts";

const never = new AbortController().signal;
const V1 = "client.authentication.k8s.io/v1";
const cluster: KubeCluster = {
  server: "https://api.test",
  ca: { text: "PEM" },
  serverName: undefined,
  disableValidation: false,
  proxyUrl: undefined,
  execConfig: undefined,
};

interface Lab extends Disposable {
  readonly folder: TempFolder;
  readonly clock: FakeClock;
  readonly source: ExecCredentials;
  /** What the plugin answers from now on; fails where it is undefined. */
  answer(status: object | undefined): void;
  readonly runs: number;
}

/** A plugin that writes down each run, with what it was told. */
function lab(over: Partial<KubeExec> = {}): Lab {
  const script = `echo "$KUBERNETES_EXEC_INFO" >> "$LAB/runs"; cat "$LAB/answer"`;
  const folder = tempFolder({ plugin: `#!/bin/sh\n${script}\n`, runs: "" });
  chmodSync(`${folder.path}/plugin`, 0o755);
  const exec: KubeExec = {
    apiVersion: V1,
    command: `${folder.path}/plugin`,
    args: [],
    env: { LAB: new Secret(folder.path) },
    installHint: undefined,
    providesClusterInfo: false,
    ...over,
  };
  const clock = new FakeClock();
  const world = { clock, random: seededRandom(1), env: { PATH: process.env["PATH"] }, signal: never };
  return {
    folder,
    clock,
    source: new ExecCredentials(exec, cluster, world),
    answer(status) {
      const text = { apiVersion: V1, kind: "ExecCredential", status };
      folder.write("answer", status === undefined ? "nothing" : JSON.stringify(text));
    },
    get runs() {
      return readFileSync(`${folder.path}/runs`, "utf8").split("\n").length - 1;
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const shown = async (source: ExecCredentials): Promise<string | undefined> =>
  (await source.current(never)).authorization?.reveal();

test("credentials are kept until they expire by the wall clock", async () => {
  using it = lab();
  it.answer({ token: "one", expirationTimestamp: new Date(it.clock.wall() + 3_600_000).toISOString() });
  assert.equal(await shown(it.source), "Bearer one");
  it.answer({ token: "two" });
  it.clock.advance(3_599_999);
  assert.equal(await shown(it.source), "Bearer one");
  it.clock.advance(1);
  assert.equal(await shown(it.source), "Bearer two");
  it.clock.advance(100 * 24 * 3_600_000);
  assert.equal(await shown(it.source), "Bearer two");
  assert.equal(it.runs, 2);
});

test("a run serves all who wait for it; who leaves does not end it", async () => {
  using it = lab();
  it.answer({ token: "one" });
  const leaving = new AbortController();
  const left = it.source.current(leaving.signal);
  const others = Promise.all([shown(it.source), shown(it.source)]);
  leaving.abort(new Error("left"));
  await assert.rejects(left, { message: "left" });
  assert.deepEqual(await others, ["Bearer one", "Bearer one"]);
  assert.equal(it.runs, 1);
});

test("a 401 has the command run at once where the credentials have been good, and ever later where they never are", async () => {
  using it = lab();
  it.answer({ token: "one" });
  const first = await it.source.current(never);
  it.clock.advance(600_000);
  it.answer({ token: "two" });
  it.source.refused(first);
  it.source.refused(first);
  assert.equal(await shown(it.source), "Bearer two");
  assert.equal(it.runs, 2);
  for (let asked = 0; asked < 600; asked++) {
    it.source.refused(await it.source.current(never));
    it.clock.advance(1_000);
  }
  assert.ok(it.runs > 8 && it.runs < 30, `${it.runs} runs in ten minutes`);
});

test("what is refused is what is used until the next run", async () => {
  using it = lab();
  it.answer({ token: "one" });
  const first = await it.source.current(never);
  it.source.refused(first);
  assert.equal(await it.source.current(never), first);
  assert.equal(it.runs, 1);
});

test("a command that fails is run again ever later, and its error is given meanwhile", async () => {
  using it = lab();
  it.answer(undefined);
  const failure = { message: `${it.folder.path}/plugin: its answer is no JSON` };
  for (let asked = 0; asked < 60; asked++) {
    await assert.rejects(it.source.current(never), failure);
    it.clock.advance(1_000);
  }
  assert.ok(it.runs > 3 && it.runs < 10, `${it.runs} runs in a minute`);
  it.answer({ token: "one" });
  it.clock.advance(60_000);
  assert.equal(await shown(it.source), "Bearer one");
});

test("a command that says that its credentials have expired already is not run for each request", async () => {
  using it = lab();
  it.answer({ token: "one", expirationTimestamp: "2020-01-01T00:00:00Z" });
  for (let asked = 0; asked < 10; asked++) assert.equal(await shown(it.source), "Bearer one");
  assert.equal(it.runs, 1);
});

test("a command is told of the cluster where it wants to be", async () => {
  using it = lab({ providesClusterInfo: true });
  it.answer({ token: "one" });
  await shown(it.source);
  const told = JSON.parse(readFileSync(`${it.folder.path}/runs`, "utf8")) as { spec: { cluster: object } };
  const data = Buffer.from("PEM").toString("base64");
  assert.deepEqual(told.spec.cluster, { server: "https://api.test", "certificate-authority-data": data });
});

test("a command that is not there is named with how to get it", async () => {
  using it = lab({ command: "/nonexistent/plugin", installHint: "install it with care" });
  await assert.rejects(it.source.current(never), { message: "/nonexistent/plugin is not there; install it with care" });
});
