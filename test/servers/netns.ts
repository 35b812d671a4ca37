/**
 * Tests in a network of their own, where every address of 10.88.0.0/16 is this host's: API servers name pods by
 * addresses that are no loopback's, and traffic to them must arrive.
 */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { requireServer } from "./require.ts";

/** Set within the namespace. */
const MARK = "LINKSPAN_TEST_NETWORK";
const UNSHARE = ["--net", "--map-root-user"] as const;
const NETWORK = "ip link set lo up && ip route add local 10.88.0.0/16 dev lo";
/** One of its addresses that is no loopback's. */
export const OWN_NETWORK_HOST = "10.88.0.1";
const MOST_OUTPUT = 4 * 1024 * 1024;

/** Why this process cannot make a network namespace, or `undefined`. */
export function missingForNetwork(): string | undefined {
  const tried = spawnSync("unshare", [...UNSHARE, "sh", "-c", NETWORK], { encoding: "utf8" });
  if (tried.status === 0) return undefined;
  return `no network namespace can be made: ${tried.error?.message ?? tried.stderr.trim()}`;
}

/**
 * For the only call of a test file: there `register` registers its tests, within the namespace; outside there is one
 * test, which runs the file there. The namespace has no name, and ends with the last process in it.
 */
export function inOwnNetwork(file: string, missing: string | undefined, register: () => void): void {
  if (isInOwnNetwork()) return register();
  test("in a network namespace", { timeout: 600_000 }, async (t) => {
    if (!requireServer(t, missing ?? missingForNetwork())) return;
    await runInside(fileURLToPath(file), t.signal);
  });
}

/** Whether this process is in such a network. */
export const isInOwnNetwork = (): boolean => process.env[MARK] !== undefined;

/** How Node runs with these arguments in a network of its own, and what is to be added to its environment. */
export function nodeInOwnNetwork(args: readonly string[]) {
  const node = [process.execPath, "--conditions=source", ...args];
  const namespace = [...UNSHARE, "--kill-child=KILL", "--fork", "sh", "-c", `${NETWORK} && exec "$0" "$@"`];
  return { command: "unshare", args: [...namespace, ...node], env: { [MARK]: "1" } };
}

/** Rejects with what the tests wrote. */
function runInside(file: string, signal: AbortSignal): Promise<void> {
  const inside = nodeInOwnNetwork(["--test-reporter=spec", file]);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(
      inside.command,
      inside.args,
      { env: { ...env, ...inside.env }, signal, killSignal: "SIGKILL", maxBuffer: MOST_OUTPUT },
      (error, stdout, stderr) => {
        const hasRun = /^ℹ pass [1-9]/m.test(stdout);
        if (error === null && hasRun) return resolve();
        reject(new Error(`${stdout}\n${stderr}`, { cause: error ?? new Error("no test ran there") }));
      },
    );
  });
}
