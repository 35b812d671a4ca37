import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const module = new URL("../../../src/cli/keep-alive.ts", import.meta.url).href;

function run(body: string): { readonly status: number | null; readonly out: string } {
  const script = `import { keepAlive } from ${JSON.stringify(module)}; ${body}`;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, out: stdout };
}

test("a process that waits for nothing but unreferenced timers lives until it is let go", () => {
  const { status, out } = run(
    "const alive = keepAlive(); setTimeout(() => { console.log('waited'); alive[Symbol.dispose](); }, 50).unref();",
  );
  assert.deepEqual([status, out], [0, "waited\n"]);
});
