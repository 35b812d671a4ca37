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
const MOST_OUTPUT = 4 * 1024 * 1024;

/** Why this process cannot make a network namespace, or `undefined`. */
function missingForNetwork(): string | undefined {
  const tried = spawnSync("unshare", [...UNSHARE, "sh", "-c", NETWORK], { encoding: "utf8" });
  if (tried.status === 0) return undefined;
  return `no network namespace can be made: ${tried.error?.message ?? tried.stderr.trim()}`;
}

/**
 * For the only call of a test file: there `register` registers its tests, within the namespace; outside there is one
 * test, which runs the file there. The namespace has no name, and ends with the last process in it.
 */
export function inOwnNetwork(file: string, missing: string | undefined, register: () => void): void {
  if (process.env[MARK] !== undefined) return register();
  test("in a network namespace", { timeout: 600_000 }, async (t) => {
    if (!requireServer(t, missing ?? missingForNetwork())) return;
    await runInside(fileURLToPath(file), t.signal);
  });
}

/** Rejects with what the tests wrote. */
function runInside(file: string, signal: AbortSignal): Promise<void> {
  const node = [process.execPath, "--conditions=source", "--test-reporter=spec", file];
  const args = [...UNSHARE, "--kill-child=KILL", "--fork", "sh", "-c", `${NETWORK} && exec "$0" "$@"`, ...node];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(
      "unshare",
      args,
      { env: { ...env, [MARK]: "1" }, signal, killSignal: "SIGKILL", maxBuffer: MOST_OUTPUT },
      (error, stdout, stderr) => {
        const hasRun = /^ℹ pass [1-9]/m.test(stdout);
        if (error === null && hasRun) return resolve();
        reject(new Error(`${stdout}\n${stderr}`, { cause: error ?? new Error("no test ran there") }));
      },
    );
  });
}
