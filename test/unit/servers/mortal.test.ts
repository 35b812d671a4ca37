import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { eventually } from "../../../src/testing/eventually.ts";

const START = `
  const { mortal } = await import(${JSON.stringify(new URL("../../servers/mortal.ts", import.meta.url).href)});
  const { spawn } = await import("node:child_process");
  console.log(spawn(...mortal("sleep", ["60"])).pid);
  setTimeout(() => undefined, 60_000);
`;

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("a server ends with the test that started it, though that is killed", async (t) => {
  if (process.platform !== "linux") return t.skip("there is no such signal but on Linux");
  const parent = spawn(process.execPath, ["--input-type=module", "-e", START], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [bytes] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(bytes.toString("utf8"));
  assert.ok(lives(pid));
  parent.kill("SIGKILL");
  await eventually("it is gone", () => !lives(pid));
});
