/** Runs a command in the foreground and says how it ended. */
import { spawn } from "node:child_process";

/** Resolves with the exit code; a signal counts as 1. Signals to this process reach the child through the terminal's group. */
export function runStep(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
