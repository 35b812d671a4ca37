/** A new user with the README alone: two services, each in its new place if it is there. What it says is typed, and what it shows is seen. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { waitUntil } from "../load/wait-until.ts";
import { root, SpawnedProcess } from "./cli.ts";

const readme = await readFile(join(root, "README.md"), "utf8");
const [, chapter = ""] = /^## Your own services\n([\s\S]*?)^## /m.exec(readme) ?? [];

/** The blocks of the chapter in that language, in order. */
function blocks(language: string): readonly string[] {
  return [...chapter.matchAll(new RegExp(`^\`\`\`${language} .*\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  );
}

/** A folder as the user has it, with the command `linkspan` on its path. */
async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-readme-"));
  const command = `#!/bin/sh\nexec '${process.execPath}' --conditions=source '${root}src/main.ts' "$@"\n`;
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/linkspan"), command, { mode: 0o755 });
  await writeFile(join(folder, "bin/node"), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
  const type = (line: string): string => {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", line], {
      cwd: folder,
      env,
      encoding: "utf8",
      timeout: 10_000,
    });
    assert.equal(status, 0, `${line}: ${stderr}`);
    return stdout;
  };
  return { folder, env, type, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** The instances in the background too, whether or not the daemon still runs. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // They have all ended.
  }
}

it("the README's ten lines lead two services to their new place, or their old one", { timeout: 60_000 }, async () => {
  const [yaml = ""] = blocks("yaml");
  assert.equal(yaml.trim().split("\n").length, 10);
  const [make = "", start = ""] = blocks("sh");
  const [session = ""] = blocks("text");
  await using user = await openFolder();
  user.type(make);
  await writeFile(join(user.folder, "first.yaml"), yaml);
  await using ended = new AsyncDisposableStack();
  const running = ended.use(
    new SpawnedProcess("sh", ["-c", start], { cwd: user.folder, env: user.env, detached: true }),
  );
  ended.defer(() => endGroup(running.child.pid));
  await waitUntil(
    "the daemon listens",
    20_000,
    () => running.logged("admin.listening").length > 0 || !running.isRunning,
  );
  assert.ok(running.isRunning, running.err);

  const steps = session
    .trim()
    .split(/^\$ /m)
    .filter((step) => step !== "");
  assert.ok(steps.length >= 4);
  for (const step of steps) {
    const [line = "", ...shown] = step.trimEnd().split("\n");
    const curl = line.replace(/^curl/, "curl --silent --max-time 5");
    // What lies in a folder is seen some milliseconds after it was written.
    await waitUntil(`${line} says ${shown.join()}`, 10_000, () => user.type(curl).trimEnd() === shown.join("\n"));
  }
});
