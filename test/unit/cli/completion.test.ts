import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { commands } from "../../../src/cli/main.ts";
import { cli } from "./fake-terminal.ts";

test("each shell's script names every command and flag", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await cli(["completion", shell]);
    assert.equal(code, 0);
    for (const { name, flags, actions = [] } of commands) {
      for (const each of [name, ...actions]) assert.ok(out.includes(each), `${shell}: ${each}`);
      for (const flag of Object.keys(flags)) assert.ok(out.includes(flag), `${shell}: --${flag}`);
    }
  }
});

test("bash completes commands and the flags of a command", async () => {
  const { out } = await cli(["completion", "bash"]);
  const complete = (...words: string[]): string => {
    const line = words.map((word) => `'${word}'`).join(" ");
    const script = `${out}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _linkspan; echo "\${COMPREPLY[@]}"`;
    return spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim();
  };
  assert.equal(complete("linkspan", "ex"), "explain");
  assert.equal(complete("linkspan", "check", "--ex"), "--expand");
  assert.equal(complete("linkspan", "run", "--d"), "--demo");
  assert.equal(complete("linkspan", "run", "--t"), "--take-over");
  assert.equal(complete("linkspan", "guard", "re"), "release");
  assert.equal(complete("linkspan", "guard", ""), "list release");
  assert.equal(complete("linkspan", "guard", "list", "package.js"), "package.json");
  assert.equal(complete("linkspan", "run", "package.js"), "package.json");
});

test("a shell that is not known is a usage error", async () => {
  assert.equal((await cli(["completion", "csh"])).code, 2);
});
