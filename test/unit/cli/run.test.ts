import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Config } from "../../../src/config/config.ts";
import type { Roots } from "../../../src/cli/roots.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";
import { cli } from "./fake-terminal.ts";

const good = "routers:\n- protocol: http\n  servers: [{port: 4140}]\n";
const bad = "routers:\n- protocol: http\n  servers: [{prot: 4140}]\n";

test("run hands the configuration to the daemon and ends with its code", async () => {
  let seen: Config | undefined;
  const startDaemon = (config: Config): Promise<number> => {
    seen = config;
    return Promise.resolve(7);
  };
  const { code } = await cli(["run", "-"], { startDaemon }, { input: good });
  assert.deepEqual([code, seen?.routers[0]?.label], [7, "http"]);
});

test("run starts the instances of the quick start only where it is asked to", async () => {
  const asked: boolean[] = [];
  const startDaemon: Roots["startDaemon"] = (_config, _io, { demo }) => {
    asked.push(demo);
    return Promise.resolve(0);
  };
  await cli(["run", "-"], { startDaemon }, { input: good });
  await cli(["run", "-", "--demo"], { startDaemon }, { input: good });
  assert.deepEqual(asked, [false, true]);
});

test("run of a broken file shows the errors, exits 78 and starts nothing", async () => {
  const startDaemon = (): Promise<number> => {
    throw new Error("must not start");
  };
  const { code, err } = await cli(["run", "-"], { startDaemon }, { input: bad });
  assert.equal(code, 78);
  assert.match(err, /-:3:14: error: unknown key `prot`/);
  assert.match(err, /1 error\. Mend it, then run: linkspan check -/);
});

test("a defect is not dressed up as the user's mistake", async () => {
  const startDaemon = (): Promise<number> => Promise.reject(new TypeError("a bug"));
  await assert.rejects(cli(["run", "-"], { startDaemon }, { input: good }), TypeError);
});

test("a take-over names the new process, for people or as data, and starts no daemon here", async () => {
  const startDaemon = (): Promise<number> => {
    throw new Error("must not start");
  };
  const takeOver: Roots["takeOver"] = (_config, started) => {
    started(77);
    return Promise.resolve({ pid: 77 });
  };
  using folder = tempFolder({ "f.yaml": good });
  const argv = ["run", "--take-over", join(folder.path, "f.yaml")];
  const told = await cli(argv, { startDaemon, takeOver });
  assert.deepEqual([told.code, told.err, told.out], [0, "process 77 starts\n", "process 77 serves\n"]);
  const data = await cli([...argv, "--json"], { startDaemon, takeOver });
  assert.deepEqual(JSON.parse(data.out), { pid: 77 });
});

test("a take-over that was none says who serves, by its exit code too", async () => {
  using folder = tempFolder({ "f.yaml": good });
  const argv = ["run", "--take-over", join(folder.path, "f.yaml")];
  for (const [isNobodyHome, code, name] of [
    [true, 3, "nobody"],
    [false, 1, "failed"],
  ] as const) {
    const ended = await cli(argv, { takeOver: () => Promise.resolve({ problem: "why", isNobodyHome }) });
    assert.equal(ended.code, code);
    assert.match(ended.err, new RegExp(`^linkspan: why \\(takeover\\.${name}\\)\nNext: `));
  }
});

test("a take-over needs a file that can be read again", async () => {
  const { code, err } = await cli(["run", "--take-over", "-"], {}, { input: good });
  assert.equal(code, 2);
  assert.match(err, /--take-over needs a file/);
});
