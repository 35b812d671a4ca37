/** Each mistake of the table is shown at its line, in the one format, and nothing else is. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { builtins } from "../../src/builtins.ts";
import { problemCodes } from "../../src/config/problem-code.ts";
import type { ProblemData } from "../../src/config/problem-data.ts";
import { type CorpusSite, openCorpusSite } from "../corpus/corpus-site.ts";
import { mistakes } from "../corpus/mistakes.ts";
import { cli } from "../unit/cli/fake-terminal.ts";
import { notInTheFormat } from "../corpus/problem-format.ts";

describe("a file with one mistake", { concurrency: 1 }, () => {
  let site: CorpusSite;
  let home: string;
  before(async () => {
    site = await openCorpusSite();
    // `-` is read as if it stood in the folder that the command was called in.
    home = process.cwd();
    process.chdir(site.folder);
  });
  after(async () => {
    process.chdir(home);
    await site[Symbol.asyncDispose]();
  });

  it("is there a hundred times, each of them another one", () => {
    assert.ok(mistakes.length >= 100, `${mistakes.length} mistakes`);
    assert.equal(new Set(mistakes.map(({ text }) => text)).size, mistakes.length);
  });

  for (const { name, text, line, code } of mistakes) {
    it(`${name} is refused at its line`, async () => {
      const startedAt = performance.now();
      const told = await cli(["check", "--json", "-"], { builtins }, { input: text });
      assert.ok(performance.now() - startedAt < 2000);
      assert.equal(told.code, 78);
      const { problems } = JSON.parse(told.out) as { problems: readonly ProblemData[] };
      const errors = problems.filter(({ severity }) => severity === "error");
      assert.ok(errors.length > 0);
      for (const error of errors) {
        assert.equal(error.line, line, JSON.stringify(errors, undefined, 1));
        assert.ok(code.split(" ").includes(error.code), JSON.stringify(error));
        assert.ok(Object.hasOwn(problemCodes, error.code));
        assert.ok(error.endLine >= error.line && error.endColumn > error.column);
      }
      const shown = await cli(["check", "-"], { builtins }, { input: text });
      assert.equal(shown.code, 78);
      assert.deepEqual(notInTheFormat(shown.err), []);
    });
  }
});
