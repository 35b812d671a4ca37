import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DtabFile } from "../../../../namers/fs/dtab-file.ts";
import { fsInterpreter } from "../../../../namers/fs/index.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";

async function scene() {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-dtab-file-"));
  const clock = new CountingClock();
  const file = join(folder, "out.dtab");
  const source = new DtabFile({ file, place: "out.dtab", clock });
  const said: string[] = [];
  const following = (): Disposable =>
    source.follow({
      heard: ({ text = "gone" }) => void (said.at(-1) === text || said.push(text)),
      failed: ({ message }) => void (said.at(-1) === message || said.push(message)),
    });
  return {
    folder,
    clock,
    file,
    source,
    said,
    following,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test("a file is read as it is written anew, replaced, and taken away", async () => {
  await using each = await scene();
  await writeFile(each.file, "/a => /b ;\n");
  {
    using _ = each.following();
    await eventually("first", () => each.said.at(-1) === "/a => /b ;\n");
    await writeFile(each.file, "/a => /c ;\n");
    await eventually("written", () => each.said.at(-1) === "/a => /c ;\n");
    await writeFile(`${each.file}.new`, "/a => /d ;\n");
    await rename(`${each.file}.new`, each.file);
    await eventually("replaced", () => each.said.at(-1) === "/a => /d ;\n");
    await rm(each.file);
    await eventually("gone", () => each.said.at(-1) === "out.dtab cannot be read: there is no such file");
    await mkdir(each.file);
    await eventually("a folder", () => each.said.at(-1) === "out.dtab cannot be read: it is a directory");
  }
  assert.equal(each.clock.waiting, 0);
});

test("a file behind a link that is turned, as in a volume of Kubernetes, is read again", async () => {
  await using each = await scene();
  for (const [name, text] of [
    ["one", "/a => /1"],
    ["two", "/a => /2"],
  ] as const) {
    await mkdir(join(each.folder, name));
    await writeFile(join(each.folder, name, "out.dtab"), text);
  }
  await symlink("one", join(each.folder, "..data"));
  await symlink("..data/out.dtab", each.file);
  using _ = each.following();
  await eventually("the first", () => each.said.at(-1) === "/a => /1");
  await symlink("two", join(each.folder, "..data_tmp"));
  await rename(join(each.folder, "..data_tmp"), join(each.folder, "..data"));
  await eventually("the second", () => each.said.at(-1) === "/a => /2");
});

test("a file that ends within a line of what it was is not believed before it stays so", async () => {
  await using each = await scene();
  const whole = "/a => /b ; /c => /d ;\n/e => /f ;\n";
  await writeFile(each.file, whole);
  using _ = each.following();
  await eventually("whole", () => each.said.at(-1) === whole);
  writeFileSync(each.file, "/a => /b ; ");
  await quietFor(200);
  assert.deepEqual(each.said, [whole]);
  appendFileSync(each.file, "/c => /x ;\n");
  await eventually("finished", () => each.said.at(-1) === "/a => /b ; /c => /x ;\n");
  writeFileSync(each.file, "/a => /b ; ");
  await eventually("it is meant so", () => each.said.at(-1) === "/a => /b ; ");
});

test("the second look reads the file, and a file that is not there is no answer", async () => {
  await using each = await scene();
  const { signal } = new AbortController();
  await assert.rejects(each.source.confirm(signal), /there is no such file/);
  await writeFile(each.file, "");
  assert.deepEqual(await each.source.confirm(signal), { text: "" });
});

test("io.l5d.fs asks for its dtabFile, which must not be a folder", async () => {
  assert.throws(() => fsInterpreter.schema.parse({}), /dtabFile/);
  await using each = await scene();
  const create = (dtabFile: string): unknown =>
    fsInterpreter.create({ dtabFile }, { baseDir: each.folder } as Parameters<typeof fsInterpreter.create>[1]);
  await assert.rejects(async () => create("."), { message: "dtabFile . is not a file" });
});
