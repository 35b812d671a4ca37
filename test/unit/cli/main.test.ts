import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../../../src/config/config.ts";
import { commands } from "../../../src/cli/main.ts";
import { cli } from "./fake-terminal.ts";

const good = "routers:\n- protocol: http\n  servers: [{port: 4140}]\n";
const bad = "routers:\n- protocol: http\n  servers: [{prot: 4140}]\n";

test("an unknown command names the nearest one and exits 2", async () => {
  const { code, err } = await cli(["chekc"]);
  assert.deepEqual(
    [code, err],
    [2, "linkspan: unknown command chekc; did you mean check?\nNext: linkspan check --help\n"],
  );
});

test("a file without a command is told how to be run", async () => {
  const { code, err } = await cli(["linkerd.yaml"]);
  assert.deepEqual([code, err], [2, "linkspan: linkerd.yaml is not a command\nNext: linkspan run linkerd.yaml\n"]);
});

test("an unknown flag names the nearest one and exits 2", async () => {
  const { code, err } = await cli(["check", "--exapnd", "x.yaml"]);
  assert.equal(code, 2);
  assert.match(err, /unknown flag --exapnd; did you mean --expand\?/);
});

test("a flag without its value, one value too many, too few and too many files are usage errors", async () => {
  for (const argv of [
    ["names", "--admin"],
    ["check", "--json=1", "x"],
    ["check"],
    ["check", "a", "b"],
    ["explain", "a"],
  ]) {
    assert.equal((await cli(argv)).code, 2, argv.join(" "));
  }
});

test("no command at all is the help on standard error", async () => {
  const { code, out, err } = await cli([]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /explain FILE NAME/);
});

test("every command has help with an example, by flag and by `help`", async () => {
  for (const { name, examples } of commands) {
    const { code, out } = await cli([name, "--help"]);
    assert.equal(code, 0);
    assert.ok(examples.length > 0);
    for (const example of examples) assert.ok(out.includes(example), `${name}: ${example}`);
    assert.equal((await cli(["help", name])).out, out);
  }
});

test("version and --version say the version", async () => {
  assert.equal((await cli(["version"])).out, "linkspan 1.2.3\n");
  assert.equal((await cli(["--version"])).out, "linkspan 1.2.3\n");
});

test("run hands the configuration to the daemon and ends with its code", async () => {
  let seen: Config | undefined;
  const startDaemon = (config: Config): Promise<number> => {
    seen = config;
    return Promise.resolve(7);
  };
  const { code } = await cli(["run", "-"], { startDaemon }, { input: good });
  assert.deepEqual([code, seen?.routers[0]?.label], [7, "http"]);
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

test("a file that is not there exits 78 with one sentence", async () => {
  const { code, err } = await cli(["check", "/nowhere/linkerd.yaml"]);
  assert.equal(code, 78);
  assert.match(err, /^linkspan: cannot read \/nowhere\/linkerd\.yaml: there is no such file\n/);
});

test("check says OK, what there is, and what to type next", async () => {
  const { code, out } = await cli(["check", "-"], {}, { input: good });
  assert.equal(code, 0);
  assert.equal(out, "-: OK. 1 router on 127.0.0.1:4140; 0 namers; admin on 127.0.0.1:9990.\nNext: linkspan run -\n");
});

test("check --json is data, for errors and for what is right", async () => {
  const refused = await cli(["check", "--json", "-"], {}, { input: bad });
  const { ok, problems } = JSON.parse(refused.out) as { ok: boolean; problems: { line: number; nearest: string }[] };
  assert.deepEqual([refused.code, ok, problems[0]?.line, problems[0]?.nearest], [78, false, 3, "port"]);
  const accepted = await cli(["check", "--json", "-"], {}, { input: good });
  const { config } = JSON.parse(accepted.out) as { config: { routers: { servers: { port: number }[] }[] } };
  assert.equal(config.routers[0]?.servers[0]?.port, 4140);
});

test("check --expand prints a linkerd.yaml that checks", async () => {
  const short = "sources: {f: {files: ./d}}\nroutes: {a: f/a}\n";
  const { code, out } = await cli(["check", "--expand", "-"], {}, { input: short });
  assert.equal(code, 0);
  assert.match(out, /\/svc\/a => \/#\/f\/a ;/);
  assert.equal((await cli(["check", "-"], {}, { input: out })).code, 0);
});

test("colours are for terminals", async () => {
  const plain = await cli(["check", "-"], {}, { input: bad });
  const coloured = await cli(["check", "-"], {}, { input: bad, colour: true });
  assert.ok(!plain.err.includes("\u001b"));
  assert.ok(coloured.err.includes("\u001b[31m"));
});

test("a defect is not dressed up as the user's mistake", async () => {
  const startDaemon = (): Promise<number> => Promise.reject(new TypeError("a bug"));
  await assert.rejects(cli(["run", "-"], { startDaemon }, { input: good }), TypeError);
});
