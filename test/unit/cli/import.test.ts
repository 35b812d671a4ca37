import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cli } from "./fake-terminal.ts";

const good = `namers:
- {kind: io.l5d.fs, rootDir: disco}
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.fs
  servers: [{port: 4140}]
`;
const later = `storage: {kind: io.l5d.inMemory}\n${good}`;

test("import prints the file, tells of each key beside it, and says what to type next", async () => {
  const { code, out, err } = await cli(["import", "-"], {}, { input: good });
  assert.equal(code, 0);
  assert.match(out, /^# .*\nsources:\n {2}io\.l5d\.fs: \{files: disco\}\nlisten: 4140\n/);
  assert.match(err, /^same +2 +namers\[0\] +sources\.io\.l5d\.fs$/m);
  assert.match(err, /^\d+ same, 1 changed, 0 refused\.\nNext: linkspan import - --output linkspan\.yaml$/m);
  assert.equal((await cli(["check", "-"], {}, { input: out })).code, 0);
});

test("import exits 1 where something was left out, and 78 where the file has mistakes", async () => {
  const left = await cli(["import", "-"], {}, { input: later });
  assert.equal(left.code, 1);
  assert.match(left.err, /^refused {2}1 .*storage .*not in this version/m);
  const wrong = await cli(["import", "-"], {}, { input: good.replace("port", "prot") });
  assert.deepEqual([wrong.code, wrong.out], [78, ""]);
  assert.match(wrong.err, /unknown key `prot`/);
  assert.equal((await cli(["import", "/nowhere/linkerd.yaml"])).code, 78);
});

test("import --json is data, for what was made and for mistakes", async () => {
  const { code, out } = await cli(["import", "--json", "-"], {}, { input: later });
  const { ok, report, text } = JSON.parse(out) as { ok: boolean; report: Record<string, unknown>[]; text: string };
  assert.deepEqual([code, ok], [1, false]);
  assert.deepEqual(report[0], {
    key: "storage",
    line: 1,
    fate: "refused",
    note: "`storage` is not in this version",
  });
  assert.match(text, /^sources:$/m);
  const wrong = await cli(["import", "--json", "-"], {}, { input: "routers: 1\n" });
  const { problems } = JSON.parse(wrong.out) as { problems: { line: number }[] };
  assert.deepEqual([wrong.code, problems[0]?.line], [78, 1]);
});

test("import --output writes a new file, and none over another", async () => {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-import-"));
  try {
    const [file, output] = [join(folder, "linkerd.yaml"), join(folder, "linkspan.yaml")];
    await writeFile(file, good);
    const made = await cli(["import", file, "--output", output]);
    assert.deepEqual([made.code, made.out], [0, ""]);
    assert.match(made.err, new RegExp(`Next: linkspan check ${output}`));
    assert.equal((await cli(["check", output])).code, 0);
    const again = await cli(["import", file, "-o", output]);
    assert.equal(again.code, 2);
    assert.match(again.err, /there is such a file already/);
    assert.match((await cli(["import", file, "-o", join(folder, "no/where")])).err, /cannot be written/);
    assert.match((await cli(["import", file, "-o", join(tmpdir(), "linkspan.yaml", "x")])).err, /cannot be written/);
    assert.match(await readFile(output, "utf8"), /^listen: 4140$/m);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("import says that paths begin elsewhere where the new file lies in another folder", async () => {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "linkspan-import-"))));
  try {
    const [from = "", to = ""] = folders;
    await writeFile(join(from, "linkerd.yaml"), good);
    const { err } = await cli(["import", join(from, "linkerd.yaml"), "-o", join(to, "linkspan.yaml")]);
    assert.match(err, /begin in its own folder/);
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  }
});
