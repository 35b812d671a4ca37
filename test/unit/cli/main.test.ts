import assert from "node:assert/strict";
import { test } from "node:test";
import { cli } from "./fake-terminal.ts";

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

test("a flag of Linkerd 1 is told which command does that here", async () => {
  for (const [flag, next] of [
    ["-validate", "linkspan check FILE"],
    ["-log.level=DEBUG", "linkspan run FILE"],
  ] as const) {
    const { code, err } = await cli([flag, "linkerd.yaml"]);
    const said = `linkspan: ${flag} was a flag of Linkerd 1; here a command comes first`;
    assert.deepEqual([code, err], [2, `${said}\nNext: ${next}\n`]);
  }
});

test("version and --version say the version", async () => {
  assert.equal((await cli(["version"])).out, "linkspan 1.2.3\n");
  assert.equal((await cli(["--version"])).out, "linkspan 1.2.3\n");
});
