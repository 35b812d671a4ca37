/** What a test does about a server that this machine lacks: skips with the reason, and fails where CI must have it. */
import type { TestContext } from "node:test";

/** `missing` is the reason, or `undefined` when the server is there. Returns whether the test can go on. */
export function requireServer(t: TestContext, missing: string | undefined): boolean {
  if (missing === undefined) return true;
  if (process.env["CI"] === "true") throw new Error(`CI must have this server: ${missing}`);
  t.skip(missing);
  return false;
}
