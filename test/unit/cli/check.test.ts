import assert from "node:assert/strict";
import { test } from "node:test";
import { cli } from "./fake-terminal.ts";

const good = "routers:\n- protocol: http\n  servers: [{port: 4140}]\n";
const bad = "routers:\n- protocol: http\n  servers: [{prot: 4140}]\n";

test("a file that is not there exits 78 with one sentence", async () => {
  const { code, err } = await cli(["check", "/nowhere/linkerd.yaml"]);
  assert.equal(code, 78);
  assert.match(err, /^linkspan: cannot read \/nowhere\/linkerd\.yaml: there is no such file\n/);
});

test("a file that is not there is a problem in the one form", async () => {
  const { code, out } = await cli(["check", "--json", "/nowhere/linkerd.yaml"]);
  const { ok, problems } = JSON.parse(out) as { ok: boolean; problems: Record<string, unknown>[] };
  assert.deepEqual([code, ok, problems[0]?.["code"], problems[0]?.["line"]], [78, false, "file.unreadable", 1]);
});

test("check says OK, what there is, and what to type next", async () => {
  const { code, out } = await cli(["check", "-"], {}, { input: good });
  assert.equal(code, 0);
  assert.equal(out, "-: OK. 1 router on 127.0.0.1:4140; 0 namers; admin on 127.0.0.1:9990.\nNext: linkspan run -\n");
});

test("check names the mirrors, and a file of nothing else is tried by their plan", async () => {
  const input = [
    "namers:",
    "- {kind: io.l5d.fs, rootDir: .}",
    "mirrors:",
    "- {name: users, from: /#/io.l5d.fs/users, to: {kind: io.l5d.curator, zkAddrs: [{host: zk1}]}}",
    "",
  ].join("\n");
  const { out } = await cli(["check", "-"], {}, { input });
  assert.match(out, /OK\. 1 namer \(.*\); 1 mirror \(users\); admin on/);
  assert.match(out, /\nNext: linkspan mirror plan -\n$/);
  const json = JSON.parse((await cli(["check", "--json", "-"], {}, { input })).out) as {
    config: { mirrors: { from: string; to: { kind: string } }[] };
  };
  assert.deepEqual(
    json.config.mirrors.map(({ from, to }) => [from, to.kind]),
    [["/#/io.l5d.fs/users", "io.l5d.curator"]],
  );
});

test("check says what the host cannot do, and nothing where it can do all", async () => {
  const hostLimits = (): readonly string[] => ["it cannot."];
  const { code, out } = await cli(["check", "-"], { hostLimits }, { input: good });
  assert.deepEqual([code, out.split("\n")[1]], [0, "This host: it cannot."]);
  const json = await cli(["check", "--json", "-"], { hostLimits }, { input: good });
  assert.deepEqual((JSON.parse(json.out) as { host?: unknown }).host, ["it cannot."]);
  const able = await cli(["check", "--json", "-"], {}, { input: good });
  assert.equal("host" in (JSON.parse(able.out) as object), false);
});

test("check --json is data, for errors and for what is right", async () => {
  const refused = await cli(["check", "--json", "-"], {}, { input: bad });
  const { ok, problems } = JSON.parse(refused.out) as { ok: boolean; problems: Record<string, unknown>[] };
  assert.deepEqual([refused.code, ok, problems.length], [78, false, 1]);
  const { expected, ...problem } = problems[0] ?? {};
  assert.match(String(expected), /^one of port, ip/);
  assert.deepEqual(problem, {
    code: "key.unknown",
    severity: "error",
    file: "-",
    line: 3,
    column: 14,
    endLine: 3,
    endColumn: 18,
    message: "unknown key `prot`",
    found: "prot",
    nearest: "port",
  });
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
