import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { silentLog } from "../../../src/base/log.ts";
import { builtins } from "../../../src/builtins.ts";
import type { Config } from "../../../src/config/config.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { Reloader, type Step } from "../../../src/reload/reloader.ts";
import { FakeClock } from "../../../src/testing/index.ts";

const yaml = (dtab: string, top = ""): string =>
  `${top}\nrouters:\n- {protocol: http, dtab: "${dtab}", servers: [{port: 4140}]}\n`;

const parse = (text: string, file = "a.yaml"): Promise<Config> => parseConfig(text, { file, baseDir: "/", builtins });

interface Scene {
  text: string;
  apply: (step: Step) => Promise<void>;
}

async function scene() {
  const given: Scene = { text: yaml("/a=>/b"), apply: () => Promise.resolve() };
  const steps: Step[] = [];
  const metrics = new MetricsRegistry();
  const reloader = new Reloader(
    {
      first: await parse(given.text),
      revision: 1,
      read: () => parse(given.text),
      parse,
      apply: (step) => {
        steps.push(step);
        return given.apply(step);
      },
      log: silentLog,
      metrics,
      clock: new FakeClock(),
    },
    new Scope(),
  );
  const metric = (name: string): readonly number[] =>
    (metrics.families().find(({ spec }) => spec.name === name)?.series ?? []).map((each) =>
      "value" in each ? each.value : Number.NaN,
    );
  return { given, steps, reloader, metric };
}

test("what is applied has a revision of its own, and a hash that is the same for the same", async () => {
  const { given, reloader } = await scene();
  const first = reloader.hash;
  given.text = yaml("/a=>/c");
  const report = await reloader.reload("request");
  assert.deepEqual([report.result, report.revision], ["applied", 2]);
  assert.notEqual(report.hash, first);
  given.text = `# the same\n${yaml("/a  =>  /b")}`;
  assert.deepEqual([(await reloader.reload("request")).revision, reloader.hash], [3, first]);
  assert.deepEqual([(await reloader.reload("request")).result, reloader.revision], ["unchanged", 3]);
});

test("what cannot be applied leaves what runs, and the next try is told from it", async () => {
  const { given, steps, reloader, metric } = await scene();
  given.text = yaml("/a=>/c");
  given.apply = () => Promise.reject(new Error("127.0.0.1:4141 is in use"));
  const report = await reloader.reload("file");
  assert.deepEqual([report.result, report.cause, report.revision], ["refused", "127.0.0.1:4141 is in use", 1]);
  assert.deepEqual(metric("linkspan_config_last_reload_success"), [0]);
  given.apply = () => Promise.resolve();
  assert.equal((await reloader.reload("file")).result, "applied");
  const [refused, applied] = steps;
  assert.ok(refused !== undefined && applied !== undefined && applied.revision > refused.revision);
  assert.equal(applied.before, refused.before);
  assert.deepEqual(metric("linkspan_config_last_reload_success"), [1]);
});

test("reloads that are asked for at once follow each other, and the last file wins", async () => {
  const { given, steps, reloader } = await scene();
  const first = Promise.withResolvers<void>();
  given.text = yaml("/a=>/c");
  given.apply = () => first.promise;
  const one = reloader.reload("signal");
  const other = reloader.reload("file");
  given.text = yaml("/a=>/d");
  first.resolve();
  await Promise.all([one, other]);
  assert.equal(reloader.running.routers[0]?.dtab.show, "/a=>/d");
  assert.equal(steps.length, 2);
});

test("what needs another process is told each time, and what runs keeps it", async () => {
  const { given, reloader } = await scene();
  given.text = yaml("/a=>/c", "workers: 3");
  assert.deepEqual((await reloader.reload("file")).needsRestart, ["workers"]);
  const again = await reloader.reload("file");
  assert.deepEqual([again.result, again.needsRestart], ["unchanged", ["workers"]]);
  assert.equal(reloader.running.workers, undefined);
});

test("who is about to end applies nothing more", async () => {
  const { given, steps, reloader } = await scene();
  await reloader.end();
  given.text = yaml("/a=>/c");
  assert.equal((await reloader.reload("file")).result, "refused");
  assert.equal(steps.length, 0);
});

test("a text from elsewhere is compared with what runs, mistakes and all", async () => {
  const { reloader } = await scene();
  assert.deepEqual((await reloader.diff(yaml("/a=>/b"), "b.yaml")).changes, []);
  assert.equal((await reloader.diff(yaml("/a=>/c"), "b.yaml")).changes[0]?.kind, "dtab");
  const bad = await reloader.diff("routers: []", "b.yaml");
  assert.deepEqual([bad.ok, bad.problems[0]?.file], [false, "b.yaml"]);
});

test("of a dtab of thousands of lines a reload tells the first that differ and how many more, and a diff all of them", async () => {
  const { given, reloader } = await scene();
  given.text = yaml(Array.from({ length: 2_000 }, (_, at) => `/n${at}=>/b`).join(";"));
  const { changes } = await reloader.diff(given.text, "b.yaml");
  const report = await reloader.reload("request");
  assert.equal(changes[0]?.keys.length, 2_001);
  assert.deepEqual(report.changes, [{ ...changes[0], keys: changes[0].keys.slice(0, 100), more: 1_901 }]);
});
