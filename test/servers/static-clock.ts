/** Sets the wall clock that a running static program sees, such as those written in Go: faketime does not reach them. */
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const SCRIPT = join(import.meta.dirname, "clock-jump.py");
const MOST_MS = 20_000;
const run = promisify(execFile);

/** Why it cannot be done on this machine, or `undefined`. */
export function missingForStaticClock(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "clocks are set on Linux x64 only";
  const { error } = spawnSync("python3", ["--version"]);
  return error === undefined ? undefined : `python3 is missing: ${error.message}`;
}

/** So far from the true one, until the process ends; ms, may be negative, whole seconds. */
export async function setStaticClock(pid: number | undefined, offsetMs: number): Promise<void> {
  if (pid === undefined) throw new Error("there is no process whose clock could be set");
  await run("python3", [SCRIPT, `${pid}`, `${Math.round(offsetMs / 1_000)}`], { timeout: MOST_MS });
}
