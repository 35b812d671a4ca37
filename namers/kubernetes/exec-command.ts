/** Runs the command of an exec plugin: bounded in time and output, with its reasons in the error and no secrets. */
import { spawn } from "node:child_process";
import type { Clock, Secret } from "linkspan/plugin";

export interface ExecCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Set over those of this process; their values are not repeated in errors. */
  readonly secretEnv: Readonly<Record<string, Secret>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A plugin may have to ask an identity provider, and that slowly. */
const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 1024 * 1024;
/** What is kept of its reasons. */
const MAX_REASON = 500;
/** Tokens and keys, whatever they are: nothing that a person writes is so long without a space. */
const LONG_WORD = /[\w+/=.~-]{40,}/g;

/** What it wrote to its standard output. Rejects when it fails, is late or says too much, and when `signal` aborts. */
export function runExecCommand(asked: ExecCommand, clock: Clock, signal: AbortSignal): Promise<string> {
  const { command, args, env, secretEnv } = asked;
  const revealed = Object.fromEntries(Object.entries(secretEnv).map(([name, value]) => [name, value.reveal()]));
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // A group of its own, so that what a script has started ends with it.
  const child = spawn(command, args, {
    env: { ...env, ...revealed },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const out: Buffer[] = [];
  let length = 0;
  let reason = "";
  const give = (why: Error): void => {
    kill(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
    reject(why);
  };
  const timer = clock.timer(TIMEOUT_MS, () => give(failed(asked, `gave no answer within ${TIMEOUT_MS} ms`, reason)));
  const aborted = (): void => give(signal.reason as Error);
  signal.addEventListener("abort", aborted, { once: true });
  child.stdout.on("data", (bytes: Buffer) => {
    length += bytes.length;
    if (length <= MAX_OUTPUT) out.push(bytes);
    else give(failed(asked, `wrote more than ${MAX_OUTPUT} bytes`, reason));
  });
  child.stderr.on("data", (bytes: Buffer) => (reason = (reason + bytes.toString("utf8")).slice(-MAX_REASON * 4)));
  child.once("error", (error: NodeJS.ErrnoException) => {
    reject(failed(asked, error.code === "ENOENT" ? "is not there" : `cannot be started: ${error.code}`, ""));
  });
  child.once("close", (code, killedBy) => {
    timer[Symbol.dispose]();
    signal.removeEventListener("abort", aborted);
    if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
    else reject(failed(asked, `ended with ${killedBy ?? `code ${code}`}`, reason));
  });
  return promise;
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function failed({ command, secretEnv }: ExecCommand, what: string, written: string): Error {
  let reason = written.trim();
  for (const value of Object.values(secretEnv)) {
    if (value.reveal() !== "") reason = reason.replaceAll(value.reveal(), "***");
  }
  reason = reason.replaceAll(LONG_WORD, "***").replaceAll(/\s+/g, " ").slice(-MAX_REASON);
  return new Error(`${command} ${what}${reason === "" ? "" : `: ${reason}`}`);
}
