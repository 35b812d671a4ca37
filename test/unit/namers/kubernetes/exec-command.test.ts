/** The commands of exec plugins: bounded, and silent about secrets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExecCommand, runExecCommand } from "../../../../namers/kubernetes/exec-command.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

const never = new AbortController().signal;
const shell = (script: string, over: Partial<ExecCommand> = {}): ExecCommand => ({
  command: "/bin/sh",
  args: ["-c", script],
  env: { PATH: process.env["PATH"], OUTER: "outer" },
  secretEnv: {},
  ...over,
});

test("a command has the environment of the process and its own, and leaves no timer", async () => {
  const clock = new FakeClock();
  const asked = shell('printf "%s %s" "$OUTER" "$INNER"', { secretEnv: { INNER: new Secret("inner") } });
  assert.equal(await runExecCommand(asked, clock, never), "outer inner");
  assert.equal(clock.waiting, 0);
});

test("its reasons are in the error, its secrets are not", async () => {
  const key = "a".repeat(60);
  const asked = shell(`echo "no login for $INNER"; echo "no login for $INNER with ${key}" >&2; exit 3`, {
    secretEnv: { INNER: new Secret("hunter2") },
  });
  await assert.rejects(runExecCommand(asked, new FakeClock(), never), {
    message: "/bin/sh ended with code 3: no login for *** with ***",
  });
});

test("a command that is not there, or cannot be started, is an error", async () => {
  const missing = shell("", { command: "/nonexistent/plugin" });
  await assert.rejects(runExecCommand(missing, new FakeClock(), never), {
    message: "/nonexistent/plugin is not there",
  });
  using folder = tempFolder({ plugin: "" });
  const plain = shell("", { command: `${folder.path}/plugin` });
  await assert.rejects(runExecCommand(plain, new FakeClock(), never), /plugin cannot be started: EACCES$/);
});

test("a command that never ends is ended, with all that it has started", async () => {
  using folder = tempFolder();
  const clock = new FakeClock();
  const running = runExecCommand(shell(`sleep 600 & echo $! > ${folder.path}/pid; wait`), clock, never);
  const started = async (): Promise<boolean> => {
    const { readFile } = await import("node:fs/promises");
    return (await readFile(`${folder.path}/pid`, "utf8").catch(() => "")).endsWith("\n");
  };
  await eventually("it has started something", started);
  const { readFileSync } = await import("node:fs");
  const pid = Number(readFileSync(`${folder.path}/pid`, "utf8"));
  clock.advance(30_000);
  await assert.rejects(running, { message: "/bin/sh gave no answer within 30000 ms" });
  await eventually("what it started has ended", () => !isAlive(pid));
});

test("a command that says too much is ended", async () => {
  await assert.rejects(runExecCommand(shell("yes"), new FakeClock(), never), /wrote more than 1048576 bytes$/);
});

test("a command ends with its signal", async () => {
  const end = new AbortController();
  const running = runExecCommand(shell("sleep 600"), new FakeClock(), end.signal);
  end.abort(new Error("closed"));
  await assert.rejects(running, { message: "closed" });
  await assert.rejects(runExecCommand(shell("true"), new FakeClock(), end.signal), { message: "closed" });
});

/** A process that has ended and was not yet asked for counts as ended. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/^State:\s+Z/m.test(statusOf(pid));
}

function statusOf(pid: number): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "State:\tZ";
  }
}
