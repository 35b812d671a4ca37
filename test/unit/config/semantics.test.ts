import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsOf, problemsOf, read } from "./read.ts";

const minimal = "routers:\n- protocol: http\n  servers:\n  - port: 4140\n";

test("two routers of one protocol need labels", async () => {
  const two = `${minimal}- protocol: http\n  servers: [{port: 4141}]\n`;
  assert.match((await errorsOf(two))[0]?.message ?? "", /label `http`/);
  assert.deepEqual(
    await errorsOf(two.replace("  servers: [{port: 4141}]", "  label: b\n  servers: [{port: 4141}]")),
    [],
  );
});

test("ports are compared over all servers, and port 0 never conflicts", async () => {
  const servers = (list: string): string => `routers:\n- protocol: http\n  servers: ${list}\n`;
  assert.equal((await errorsOf(servers("[{port: 1}, {port: 1, ip: 0.0.0.0}]"))).length, 1);
  assert.equal((await errorsOf(servers("[{port: 1, ip: '::'}, {port: 1, ip: 10.0.0.1}]"))).length, 1);
  assert.equal((await errorsOf(servers("[{port: 1, ip: '::1'}, {port: 1, ip: '0:0:0:0:0:0:0:1'}]"))).length, 1);
  assert.equal((await errorsOf(servers("[{port: 1, ip: '::ffff:127.0.0.1'}, {port: 1}]"))).length, 1);
  assert.deepEqual(await errorsOf(servers("[{port: 1, ip: 0.0.0.0}, {port: 1, ip: '::1'}]")), []);
  assert.deepEqual(await errorsOf(servers("[{port: 1}, {port: 1, ip: 127.0.0.2}]")), []);
  assert.deepEqual(await errorsOf(servers("[{port: 0}, {port: 0}]")), []);
});

test("a dtab that leads to a namer nobody configured is a warning with what was meant", async () => {
  const text = `${minimal}  dtab: /svc => /#/io.l5d.fz ;\nnamers:\n- {kind: io.l5d.fs, rootDir: a}\n`;
  const [warning] = (await read(text)).warnings;
  assert.deepEqual([warning?.line, warning?.nearest], [5, "/#/io.l5d.fs"]);
});

test("a dtab that leads to a system namer that is not there is a warning too", async () => {
  const [warning] = (await read(`${minimal}  dtab: /svc => /$/inte/127.0.0.1/80 ;\n`)).warnings;
  assert.deepEqual([warning?.line, warning?.nearest], [5, "/$/inet"]);
  assert.deepEqual((await read(`${minimal}  dtab: /svc => /$/inet/127.0.0.1/80 ;\n`)).warnings, []);
});

test("an interpreter with names of its own may have dentries and namers that are not in the file", async () => {
  const text = `${minimal}  dtab: /host => /#/far ;\n`;
  assert.equal((await read(text)).warnings.length, 2);
  const problems = await problemsOf(`${text}  interpreter: {kind: io.l5d.mesh}\n`);
  assert.deepEqual(
    problems.filter(({ code }) => code.startsWith("dtab")),
    [],
  );
});
