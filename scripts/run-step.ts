/** Runs a command in the foreground and says how it ended. */
import { spawn } from "node:child_process";

/** In `folder`, or the current one. Resolves with the exit code; a signal counts as 1. Signals to this process reach the child through the terminal's group. */
export function runStep(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  folder?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env, ...(folder === undefined ? {} : { cwd: folder }) });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
