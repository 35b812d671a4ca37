// The flag `--demo` of `run`: on any ports, asked as its own words say, and where a port is taken.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { demoInstances } from "../../src/demo-instances.ts";

const root = new URL("../../", import.meta.url).pathname;

/** The quick start on ports that are free. */
async function copyOfQuickStart(): Promise<AsyncDisposable & { readonly file: string }> {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-"));
  await cp(join(root, "config/disco"), join(folder, "disco"), { recursive: true });
  const text = await readFile(join(root, "config/quickstart.yaml"), "utf8");
  const file = join(folder, "quickstart.yaml");
  await writeFile(file, `${text.replace(/^listen:.*$/m, "listen: 0")}admin: {port: 0}\n`);
  return { file, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

function runDemo(file: string): ChildProcess {
  return spawn(process.execPath, ["--conditions=source", "src/main.ts", "run", file, "--demo"], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function said(child: ChildProcess, what: RegExp): Promise<string> {
  let text = "";
  for await (const bytes of child.stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    text += String(bytes);
    if (what.test(text)) return text;
  }
  throw new Error(`it ended and had said only: ${text}`);
}

function get(url: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: { host }, agent: false }, async (response) => {
      let text = "";
      for await (const bytes of response) text += String(bytes);
      resolve(text);
    });
    request.on("error", reject);
  });
}

test("the demo answers as it says, and ends with exit code 0", { timeout: 30_000 }, async () => {
  await using copy = await copyOfQuickStart();
  const child = runDemo(copy.file);
  try {
    const text = await said(child, /Ctrl-C/);
    const [, host = "", url = ""] = /curl -H 'Host: (\S+)' (\S+)/.exec(text) ?? [];
    const answers = await Promise.all(Array.from({ length: 4 }, () => get(url, host)));
    for (const answer of answers) assert.match(answer, /^hello from users, the (?:fast|slow) instance/);
    const page = /Watch\s+(\S+)/.exec(text)?.[1] ?? "";
    assert.equal((await fetch(page)).status, 200);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a demo instance whose port is taken is one sentence and exit code 1", { timeout: 30_000 }, async () => {
  const [instance] = demoInstances;
  assert.ok(instance);
  const squatter = createServer().listen(instance.port, "127.0.0.1");
  await once(squatter, "listening");
  await using copy = await copyOfQuickStart();
  const child = runDemo(copy.file);
  try {
    const [text, [code]] = await Promise.all([said(child, /Next: /), once(child, "exit")]);
    assert.equal(code, 1);
    assert.match(text, new RegExp(`^linkspan: the fast demo instance cannot listen on 127.0.0.1:${instance.port}: `));
  } finally {
    child.kill("SIGKILL");
    squatter.close();
  }
});
