import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigProblem } from "../../../src/config/config-error.ts";
import { read } from "./read.ts";

const head =
  "namers:\n- {kind: io.l5d.fs, rootDir: a}\nrouters:\n- protocol: http\n  servers: [{port: 4140}]\n  dtab: |\n";

/** The warnings for these dentries, each by its line among them, what is marked, and its code. */
async function warned(lines: readonly string[], above = head): Promise<readonly string[]> {
  const { warnings } = await read(`${above}${lines.map((line) => `    ${line}\n`).join("")}`);
  const first = above.split("\n").length;
  return warnings.map(({ line, code, text, column, length }: ConfigProblem) => {
    return `${line - first + 1} ${text.slice(column - 1, column - 1 + length)} ${code}`;
  });
}

test("a dtab in which each line counts has no warning", async () => {
  const lines = [
    "/srv => /#/io.l5d.fs ;",
    "/host => /srv/web | /$/inet/127.0.0.1/80 ;",
    "/host/* => /#/io.l5d.fs & 9 * /srv ;",
    "/svc/old => ! ;",
    "/svc => /host ;",
  ];
  assert.deepEqual(await warned(lines), []);
});

test("a branch with the weight 0 is marked at its weight", async () => {
  assert.deepEqual(await warned(["/svc => 0 * /#/io.l5d.fs/a & (0.00*/$/nil & 10 * /#/io.l5d.fs/b) ;"]), [
    "1 0 dtab.weight",
    "1 0.00 dtab.weight",
  ]);
});

test("a dentry that no name comes to is marked at its prefix", async () => {
  assert.deepEqual(await warned(["/host => /#/io.l5d.fs ;", "/svc => /hots ;", "/svc/x => /$/nil ;"]), [
    "1 /host dtab.unreachable",
  ]);
});

test("names come to a dentry through other dentries, wildcards and longer prefixes", async () => {
  const lines = ["/c/x/y => /$/nil ;", "/b/* => /c ;", "/a => /b/x ;", "/svc/users => /a ;"];
  assert.deepEqual(await warned(lines), []);
});

test("what names begin with is the router's own prefix", async () => {
  assert.deepEqual(await warned(["/svc => /$/nil ;"], head.replace("  dtab:", "  dstPrefix: /http\n  dtab:")), [
    "1 /svc dtab.unreachable",
  ]);
});

test("namers that make paths lead on, so that what they may lead to is not called unreachable", async () => {
  const lines = ["/zz => /$/nil ;", "/svc => /$/io.buoyant.hostportPfx/zz ;"];
  assert.deepEqual(
    (await warned(lines)).filter((each) => each.includes("unreachable")),
    [],
  );
});

test("a dentry before which a later one always decides is shadowed, and so is one that is said twice", async () => {
  assert.deepEqual(await warned(["/svc/a => /#/io.l5d.fs ;", "/svc/b => /#/io.l5d.fs ;", "/svc/* => ! ;"]), [
    "1 /svc/a => /#/io.l5d.fs dtab.shadowed",
    "2 /svc/b => /#/io.l5d.fs dtab.shadowed",
  ]);
  assert.deepEqual(await warned(["/svc => /#/io.l5d.fs ;", "/svc => /#/io.l5d.fs;"]), [
    "1 /svc => /#/io.l5d.fs dtab.shadowed",
  ]);
});

test("a later dentry that may say no leaves the earlier one as its fall-back", async () => {
  assert.deepEqual(await warned(["/svc => /$/inet/127.0.0.1/80 ;", "/svc => /#/io.l5d.fs ;"]), []);
});

test("a branch behind one that always decides is marked", async () => {
  assert.deepEqual(await warned(["/svc => /#/io.l5d.fs | /$/inet/127.0.0.1/80 | /#/io.l5d.fs/b ;"]), [
    "1 /#/io.l5d.fs/b dtab.unreachable",
  ]);
});

test("a dentry that leads back to itself is marked", async () => {
  assert.deepEqual(await warned(["/svc => /svc/x ;"]), ["1 /svc => /svc/x dtab.loop"]);
});

test("a prefix that no namer serves is marked where it is written, in folded blocks too", async () => {
  const folded = head.replace("dtab: |", "dtab: >-");
  assert.deepEqual(await warned(["/svc => /#/io.l5d.fs", "| /#/io.l5d.fz ;"], folded), [
    "2 /#/io.l5d.fz dtab.unserved",
  ]);
});

test("two thousand dentries are looked through in the blink of an eye", async () => {
  const lines = Array.from({ length: 1000 }, (_, at) => [
    `/svc/s${at} => /host/s${at} ;`,
    `/host/s${at} => 1 * /#/io.l5d.fs/s${at} & 9 * /#/io.l5d.fs/t${at} ;`,
  ]).flat();
  const startedAt = performance.now();
  assert.deepEqual(await warned(lines), []);
  assert.ok(performance.now() - startedAt < 1000);
});

test("what a plugin of a third party serves under /$/ is served, and may lead anywhere", async () => {
  assert.deepEqual(await warned(["/away => /#/io.l5d.fs ;", "/svc => /$/com.acme.Pfx ;"]), []);
  assert.deepEqual(await warned(["/svc => /$/com.acme.Pfxx/a ;"]), ["1 /$/com.acme.Pfxx/a dtab.unserved"]);
});

test("a prefix that lacks its second slash is told of", async () => {
  assert.deepEqual(await warned(["/srv => /#io.l5d.fs ;", "/svc => /srv | /$inet/127.0.0.1/80 ;"]), [
    "1 /#io.l5d.fs dtab.unserved",
    "2 /$inet/127.0.0.1/80 dtab.unserved",
  ]);
});
